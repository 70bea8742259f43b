//! Values for a new scope, which are added to the context that is current when the scope is first entered.

use std::fmt;

use crate::context::current;
use crate::context::frame::{Frame, Snapshot};
use crate::context::guard::Guard;
use crate::context::in_context::InContext;
use crate::var::ContextVar;
use crate::var::binding::Assignment;

/// Hidden: the values of `#[propagate_context(set(..))]`.
#[derive(Clone)]
#[must_use]
pub struct Overlay {
    /// The context that was current when this was created. A call enters a scope with these values itself before it
    /// creates the future that runs with them.
    base: Snapshot,
    assignments: Vec<Assignment>,
}

impl Overlay {
    pub(crate) fn new() -> Self {
        Self {
            base: current::capture(),
            assignments: Vec::new(),
        }
    }

    /// Adds a value.
    pub fn set<T: Send + Sync + 'static>(
        mut self,
        variable: &'static ContextVar<T>,
        value: T,
    ) -> Self {
        self.assignments.push(Assignment::new(variable, value));
        self
    }

    /// Runs `inner` in the new scope.
    pub fn scope<F>(self, inner: F) -> InContext<F> {
        let mut assignments = self.assignments.into_iter();
        let mut frame = Frame::pending(self.base, assignments.next());
        assignments.for_each(|assignment| frame.lay_over(assignment));
        InContext::entering(frame.shareable(), inner)
    }

    /// Enters the new scope.
    pub fn enter(self) -> Guard {
        if self.assignments.is_empty() {
            // Never enters a vacant scope: even without values, this scope hides the context that a future has
            // captured.
            let current = current::share().filter(|scope| !scope.is_vacant());
            return Guard::new(current.or_else(Frame::empty));
        }
        let mut frame = current::lend(Frame::copy_of);
        for assignment in self.assignments {
            frame.add(assignment.index, assignment.value);
        }
        Guard::new(frame.shareable())
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Overlay").finish_non_exhaustive()
    }
}
