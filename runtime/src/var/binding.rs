//! A value together with its variable: what tables of values store.

use std::any::Any;
use std::fmt::Display;
use std::sync::Arc;

use crate::var::declaration::ContextVar;
use crate::var::shown::Shown;
use crate::var::traits::Traits;
use crate::var::variable::Variable;
use crate::var::write_id::WriteId;

/// A value and the variable that it belongs to, whatever its type.
pub(crate) trait Stored: Any + Send + Sync {
    fn variable(&self) -> &'static dyn Variable;
    /// As on a log line; `None` where the declaration does not say `logged`.
    fn shown(&self) -> Option<Shown<'_>>;
    fn traits(&self) -> Traits;
    /// As in a carrier; `None` where the declaration names neither header nor baggage key.
    fn sent(&self) -> Option<&dyn Display>;
    /// Which `set` it comes from.
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

    /// The value of a `set` that can be taken back.
    #[inline]
    pub(crate) fn bind_written(&'static self, value: T, written: WriteId) -> Value {
        Arc::new(Binding {
            variable: self,
            written,
            value,
        })
    }

    /// A value as the type that it was stored as: the place of a variable only ever holds its own type.
    #[inline]
    pub(crate) fn typed(value: &Value) -> Option<&T> {
        let value: &dyn Any = &**value;
        value
            .downcast_ref::<Binding<T>>()
            .map(|binding| &binding.value)
    }
}

/// A value, and what has to be known of its variable to put it into a scope.
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
