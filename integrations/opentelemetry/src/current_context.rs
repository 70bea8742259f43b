//! `CurrentContext`: OpenTelemetry's own context, propagated to children.

use opentelemetry::{Context, ContextGuard};
use propagate_context::ambient::Ambient;

/// OpenTelemetry's current [`Context`] with its span and its baggage, for
/// [`ambient::register`](propagate_context::ambient::register). Everything that is spawned in an annotated function
/// continues the trace of its spawner, including jobs on threads and in pools.
///
/// ```
/// propagate_context::ambient::register(propagate_context_opentelemetry::CurrentContext);
/// ```
///
/// The children that inherit a span keep it open. A `#[detached]` spawn does not inherit it.
#[derive(Clone, Copy, Debug)]
pub struct CurrentContext;

impl Ambient for CurrentContext {
    type Saved = Context;
    type Entered = ContextGuard;

    fn capture(&self) -> Option<Context> {
        Some(Context::current())
    }

    fn enter(&self, saved: &Context) -> ContextGuard {
        saved.clone().attach()
    }
}
