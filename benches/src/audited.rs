//! What `audit` adds to an event, and to a request that logs.

use std::hint::black_box;

use propagate_context::audit::AuditLayer;
use propagate_context::{Context, ContextVar};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::layer::{Layer, SubscriberExt};

use crate::{Case, Run, floor};

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

const AUDITED: &str = "ours, audited";

#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for subject in [floor::PLAIN, AUDITED] {
        cases.push(
            Case::new("event in a context", subject, move || {
                let run = || TENANT.sync_scope("acme", || tracing::info!(number = black_box(17)));
                events(subject == AUDITED, run)
            })
            .ungated(),
        );
        cases.push(
            Case::new("event, detached", subject, move || {
                let run = || Context::empty().sync_scope(|| tracing::info!(number = black_box(17)));
                events(subject == AUDITED, run)
            })
            .ungated(),
        );
        #[cfg(feature = "server")]
        cases.push(
            Case::new("axum request, 3 lines", subject, move || {
                let run = served::by_axum();
                under(subject == AUDITED, run)
            })
            .ungated(),
        );
    }
    cases
}

fn events(is_audited: bool, event: impl Fn() + 'static) -> Run {
    let run = move |times| {
        for _ in 0..times {
            event();
        }
    };
    under(is_audited, Box::new(run))
}

/// A layer that is interested in every event, and ignores it.
struct Nothing;

impl<S: Subscriber> Layer<S> for Nothing {}

/// The same with a default subscriber that writes nothing.
fn under(is_audited: bool, mut run: Run) -> Run {
    let audit = is_audited.then(AuditLayer::separate);
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(Nothing).with(audit));
    Box::new(move |times| tracing::dispatcher::with_default(&dispatch, || run(times)))
}

#[cfg(feature = "server")]
mod served {
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get;
    use propagate_context::http::ContextLayer;
    use tower_service::Service;

    use crate::{Run, poll_once};

    async fn handler() -> &'static str {
        tracing::info!("begins");
        tracing::info!("looks");
        tracing::info!("ends");
        "hello"
    }

    /// A request through a router with the layer, and back.
    pub(super) fn by_axum() -> Run {
        let mut app: Router = Router::new()
            .route("/", get(handler))
            .layer(ContextLayer::new());
        Box::new(move |times| {
            for _ in 0..times {
                let request = Request::new(Body::empty());
                let Ok(response) = poll_once(Service::call(&mut app, request));
                drop(response);
            }
        })
    }
}
