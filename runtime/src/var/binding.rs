//! A value together with its variable, as stored in tables.

use std::any::Any;
use std::fmt::Display;
use std::sync::Arc;

use crate::var::declaration::ContextVar;
use crate::var::shown::Shown;
use crate::var::traits::Traits;
use crate::var::variable::Variable;
use crate::var::write_id::WriteId;

/// A value of any type, and the variable that it belongs to.
pub(crate) trait Stored: Any + Send + Sync {
    fn variable(&self) -> &'static dyn Variable;
    /// The value for a log line; `None` unless the variable is declared `logged`.
    fn shown(&self) -> Option<Shown<'_>>;
    fn traits(&self) -> Traits;
    /// The value for a carrier; `None` if the declaration has neither a header nor a baggage key.
    fn sent(&self) -> Option<&dyn Display>;
    /// The `set` that the value comes from.
    fn written(&self) -> WriteId;
}

pub(crate) type Value = Arc<dyn Stored>;

pub(crate) struct Binding<T: 'static> {
    variable: &'static ContextVar<T>,
    written: WriteId,
    pub(crate) value: T,
}

impl<T: Send + Sync + 'static> Stored for Binding<T> {
    fn variable(&self) -> &'static dyn Variable {
        self.variable
    }

    fn shown(&self) -> Option<Shown<'_>> {
        self.variable.show.map(|show| show(&self.value))
    }

    fn traits(&self) -> Traits {
        self.variable.traits()
    }

    fn sent(&self) -> Option<&dyn Display> {
        self.variable.send.map(|show| show(&self.value))
    }

    fn written(&self) -> WriteId {
        self.written
    }
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    pub(crate) fn bind(&'static self, value: T) -> Value {
        self.bind_written(value, WriteId::NONE)
    }

    /// Binds the value of a `set` that a token can revert.
    #[inline]
    pub(crate) fn bind_written(&'static self, value: T, written: WriteId) -> Value {
        Arc::new(Binding {
            variable: self,
            written,
            value,
        })
    }

    /// Returns the value with its type. The place of a variable only ever holds values of that type.
    #[inline]
    pub(crate) fn typed(value: &Value) -> Option<&T> {
        let value: &dyn Any = &**value;
        value
            .downcast_ref::<Binding<T>>()
            .map(|binding| &binding.value)
    }
}

/// A value, with the data of its variable that is needed to put it into a scope.
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) index: u32,
    pub(crate) value: Value,
    pub(crate) traits: Traits,
}

impl Assignment {
    #[inline]
    pub(crate) fn new<T: Send + Sync + 'static>(
        variable: &'static ContextVar<T>,
        value: T,
    ) -> Self {
        Self {
            index: variable.index_or_assign(),
            value: variable.bind(value),
            traits: variable.traits(),
        }
    }
}
