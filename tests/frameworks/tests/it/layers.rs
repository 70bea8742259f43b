//! Layers of other crates: tower-sessions and tower_governor.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use propagate_context::http::ContextLayer;
use propagate_context::{ContextVar, context_entry};
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::GlobalKeyExtractor;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::support::{self, get as ask, id};

async fn serve(app: Router) -> SocketAddr {
    let (listener, address) = support::listen().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

static VISITS: ContextVar<u32> = ContextVar::new("visits").logged();

/// The session is the first argument, so it is extracted by the hidden extractor.
#[context_entry(header = "X-Request-ID")]
async fn visit(session: Session) -> String {
    let visits = session.get("visits").await.unwrap().unwrap_or(0) + 1;
    session.insert("visits", visits).await.unwrap();
    VISITS.set(visits);
    format!("{} {:?}", id(), VISITS.get())
}

#[tokio::test]
async fn tower_sessions() {
    let sessions = || SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let app = Router::new().route("/", get(visit));
    for app in [
        app.clone().layer(sessions()),
        app.clone().layer(sessions()).layer(ContextLayer::new()),
        app.layer(ContextLayer::new()).layer(sessions()),
    ] {
        let address = serve(app).await;
        let first = ask(address, "/", &[("x-request-id", "order-7")]).await;
        assert_eq!((first.id(), &*first.body), ("order-7", "order-7 Some(1)"));
        let cookie = first.all("set-cookie")[0]
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let second = ask(
            address,
            "/",
            &[("x-request-id", "order-8"), ("cookie", &cookie)],
        )
        .await;
        assert_eq!((second.id(), &*second.body), ("order-8", "order-8 Some(2)"));
    }
}

#[tokio::test]
async fn tower_governor_responds_with_the_id() {
    let once_an_hour = GovernorConfigBuilder::default()
        .key_extractor(GlobalKeyExtractor)
        .period(Duration::from_secs(3600))
        .burst_size(1)
        .finish()
        .unwrap();
    let app = Router::new()
        .route("/", get(async || id()))
        .layer(GovernorLayer::new(once_an_hour))
        .layer(ContextLayer::new());
    let address = serve(app).await;
    for status in [200, 429] {
        let answer = ask(address, "/", &[("x-request-id", "order-7")]).await;
        assert_eq!((answer.status, answer.id()), (status, "order-7"));
    }
}
