//! Values for a new scope, to be laid over the context that is current where it is entered first.

use std::fmt;

use crate::context::Context;
use crate::frame::Frame;
use crate::guard::Guard;
use crate::scope::InContext;
use crate::var::ContextVar;

/// Hidden: what `VAR.scope(..)` and `#[propagate_context(set(..))]` are made of.
#[must_use]
pub struct Additions(Frame);

impl Additions {
    pub(crate) fn new() -> Self {
        Self(Frame::additions())
    }

    /// One value more.
    pub fn set<T: Send + Sync + 'static>(
        mut self,
        variable: &'static ContextVar<T>,
        value: T,
    ) -> Self {
        self.0.add(variable.number_or_new(), variable.bind(value));
        self
    }

    /// Runs `inner` in the new scope.
    pub fn scope<F>(self, inner: F) -> InContext<F> {
        InContext::entering(self.0.over(Context::current()), inner)
    }

    /// Runs what follows in the new scope.
    pub fn enter(self) -> Guard {
        let mut frame = self.0.over(Context::empty());
        Frame::settle(&mut frame);
        Guard::new(frame)
    }
}

impl fmt::Debug for Additions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Additions").finish_non_exhaustive()
    }
}
