//! R8: nothing is captured outside of annotated code and explicit calls, and a context keeps only values alive.
//! `known_limitations.rs` tests that plain spawns inherit nothing, and `http_scope_reuse.rs` tests that a child treats
//! other requests as other requests.

use std::sync::Arc;

use propagate_context::{Context, ContextVar, Propagate};

static ID: ContextVar<&str> = ContextVar::new("id");
static SESSION: ContextVar<Arc<()>> = ContextVar::new("session");

#[test]
fn an_empty_scope_hides_the_enclosing_scope() {
    ID.sync_scope("request", || {
        assert_eq!(
            futures::executor::block_on(Context::empty().scope(async { ID.get() })),
            None
        );
        assert_eq!(Context::empty().sync_scope(|| ID.get()), None);
        assert_eq!(Context::empty().wrap(|| ID.get())(), None);
    });
}

/// A background worker that is started during a request keeps nothing of it alive.
#[test]
fn a_detached_worker_does_not_keep_the_request_alive() {
    let session = Arc::new(());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let worker = SESSION.sync_scope(session.clone(), || {
        runtime.spawn(async { stopped.await.is_ok() }.in_context(Context::empty()))
    });
    assert_eq!(Arc::strong_count(&session), 1);
    stop.send(()).unwrap();
    assert!(futures::executor::block_on(worker).unwrap());
}
