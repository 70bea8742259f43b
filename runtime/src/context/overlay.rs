//! Values for a new scope, to be laid over the context that is current where it is entered first.

use std::fmt;
use std::sync::Arc;

use crate::context::current;
use crate::context::frame::Frame;
use crate::context::guard::Guard;
use crate::context::in_context::InContext;
use crate::context::snapshot::Context;
use crate::context::table::Value;
use crate::var::ContextVar;

/// Hidden: what `#[propagate_context(set(..))]` is made of.
#[derive(Clone)]
#[must_use]
pub struct Overlay(Vec<Assignment>);

/// A value, and what has to be known of its variable to put it into a scope.
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) number: u32,
    pub(crate) value: Value,
    pub(crate) task_only: bool,
}

impl Assignment {
    #[inline]
    pub(crate) fn new<T: Send + Sync + 'static>(
        variable: &'static ContextVar<T>,
        value: T,
    ) -> Self {
        Self {
            number: variable.number_or_new(),
            value: variable.bind(value),
            task_only: variable.is_task_only(),
        }
    }
}

impl Overlay {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Every value of `context`.
    pub(crate) fn of(context: &Context) -> Self {
        let mut additions = Self::new();
        if let Some(frame) = context.frame() {
            frame.table.visit(&mut |value| {
                let variable = value.variable();
                additions.0.push(Assignment {
                    number: variable.number(),
                    value: value.clone(),
                    task_only: variable.is_task_only(),
                });
            });
        }
        additions
    }

    /// One value more.
    pub fn set<T: Send + Sync + 'static>(
        mut self,
        variable: &'static ContextVar<T>,
        value: T,
    ) -> Self {
        self.0.push(Assignment::new(variable, value));
        self
    }

    /// Runs `inner` in the new scope.
    pub fn scope<F>(self, inner: F) -> InContext<F> {
        let mut additions = self.0.into_iter();
        let mut frame = Frame::pending(additions.next());
        if let Some(frame) = Arc::get_mut(&mut frame) {
            additions.for_each(|addition| frame.lay_over(addition));
        }
        InContext::entering(frame, inner)
    }

    /// Runs what follows in the new scope.
    pub fn enter(self) -> Guard {
        let mut frame = current::share().unwrap_or_else(Frame::empty);
        for Assignment {
            number,
            value,
            task_only,
        } in self.0
        {
            let _covered = Frame::replace(&mut frame, number, Some(value), task_only);
        }
        Guard::new(frame)
    }
}

/// The numbers of the variables that a scope adds: mostly one, which takes no memory of its own.
#[derive(Default)]
pub(crate) struct VarIndices {
    first: Option<u32>,
    #[expect(
        clippy::box_collection,
        reason = "it stands in every scope, and a vector is three words"
    )]
    more: Option<Box<Vec<u32>>>,
}

impl VarIndices {
    #[inline]
    pub(crate) fn push(&mut self, number: u32) {
        if self.first.is_none() {
            self.first = Some(number);
        } else {
            self.more.get_or_insert_default().push(number);
        }
    }
}

impl IntoIterator for VarIndices {
    type Item = u32;
    type IntoIter = std::iter::Chain<std::option::IntoIter<u32>, std::vec::IntoIter<u32>>;

    fn into_iter(self) -> Self::IntoIter {
        let more = self.more.map_or(Vec::new(), |more| *more);
        self.first.into_iter().chain(more)
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Overlay").finish_non_exhaustive()
    }
}
