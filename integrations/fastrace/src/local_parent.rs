//! `LocalParent`: fastrace's local parent, propagated to children.

use std::borrow::Cow;

use fastrace::Span;
use fastrace::local::LocalParentGuard;
use fastrace::prelude::SpanContext;
use propagate_context::ambient::Ambient;

/// fastrace's local parent, for [`ambient::register`](propagate_context::ambient::register). Each child gets a span
/// under the local parent of its spawner. The span lasts from the spawn to the end of the child, and is the local
/// parent wherever the child runs.
///
/// If there is no local parent, or fastrace is not enabled, nothing is captured.
///
/// ```
/// use propagate_context_fastrace::LocalParent;
///
/// propagate_context::ambient::register(LocalParent::new("spawned"));
/// ```
#[derive(Clone, Debug)]
pub struct LocalParent {
    name: Cow<'static, str>,
}

impl LocalParent {
    /// Creates the ambient state. The spans of children have the name `name`.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into() }
    }
}

impl Ambient for LocalParent {
    type Saved = Span;
    type Entered = LocalParentGuard;

    fn capture(&self) -> Option<Span> {
        SpanContext::current_local_parent()?;
        Some(Span::enter_with_local_parent(self.name.clone()))
    }

    fn enter(&self, saved: &Span) -> LocalParentGuard {
        saved.set_local_parent()
    }
}
