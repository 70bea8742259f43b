//! `CurrentHub`: Sentry's hub, propagated to children.

use std::sync::Arc;

use propagate_context::ambient::Ambient;
use sentry_core::{Hub, HubSwitchGuard};

/// Sentry's current hub, for [`ambient::register`](propagate_context::ambient::register): what is spawned in an annotated
/// function has the scope of its spawner (user, tags, breadcrumbs, span), in a hub of its own, also on threads and in
/// pools.
///
/// Without it a task reports with the hub of whatever ran on its thread before, and so with the breadcrumbs of another request.
///
/// ```
/// propagate_context::ambient::register(propagate_context_sentry::CurrentHub);
/// ```
///
/// Each request needs a hub of its own to begin with: `sentry-tower`'s `NewSentryLayer` or `sentry-actix` make one.
#[derive(Clone, Copy, Debug)]
pub struct CurrentHub;

impl Ambient for CurrentHub {
    type Saved = Arc<Hub>;
    type Entered = HubSwitchGuard;

    fn capture(&self) -> Option<Arc<Hub>> {
        Some(Arc::new(Hub::new_from_top(Hub::current())))
    }

    fn enter(&self, saved: &Arc<Hub>) -> HubSwitchGuard {
        HubSwitchGuard::new(saved.clone())
    }
}
