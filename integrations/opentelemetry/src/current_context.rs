//! `CurrentContext`: OpenTelemetry's own context, propagated to children.

use opentelemetry::{Context, ContextGuard};
use propagate_context::ambient::Ambient;

/// OpenTelemetry's current [`Context`], with its span and its baggage, for
/// [`ambient::register`](propagate_context::ambient::register): what is spawned in an annotated function continues the trace of
/// its spawner, also on threads and in pools.
///
/// ```
/// propagate_context::ambient::register(propagate_context_opentelemetry::CurrentContext);
/// ```
///
/// A span is kept open by the children that have inherited it. A `#[detached]` spawn inherits none.
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
