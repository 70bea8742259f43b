//! `CurrentHub`: Sentry's hub, propagated to children.

use std::sync::Arc;

use propagate_context::ambient::Ambient;
use sentry_core::{Hub, HubSwitchGuard};

/// Sentry's current hub, for [`ambient::register`](propagate_context::ambient::register). Everything that is spawned in
/// an annotated function runs with a new hub that has the scope of its spawner (user, tags, breadcrumbs, span),
/// including jobs on threads and in pools.
///
/// Otherwise a task reports with the hub of whichever task ran on its thread before, and so with the breadcrumbs of
/// another request.
///
/// ```
/// propagate_context::ambient::register(propagate_context_sentry::CurrentHub);
/// ```
///
/// Each request needs its own hub first: `NewSentryLayer` of `sentry-tower`, or `sentry-actix`, creates one.
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
