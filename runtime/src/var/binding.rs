//! `Binding`: a value together with its variable, as it stands in a table.

use std::fmt::Display;

use crate::context::table::Stored;
use crate::var::{ContextVar, Variable};

pub(crate) struct Binding<T: 'static> {
    pub(super) variable: &'static ContextVar<T>,
    pub(crate) value: T,
}

impl<T: Send + Sync + 'static> Stored for Binding<T> {
    fn variable(&self) -> &'static dyn Variable {
        self.variable
    }

    fn shown(&self) -> Option<&dyn Display> {
        self.variable.show.map(|show| show(&self.value))
    }

    fn sent(&self) -> Option<&dyn Display> {
        self.variable
            .wire
            .as_ref()
            .map(|wire| (wire.show)(&self.value))
    }
}
