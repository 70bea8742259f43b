//! `#[propagate_context(span)]` also propagates the current tracing span.

use propagate_context::{ContextVar, propagate_context};
use tracing::Instrument;

static ID: ContextVar<u32> = ContextVar::new("id");

/// Returns the id and the span that the spawned code reads.
fn read() -> (Option<u32>, Option<&'static str>) {
    (
        ID.get(),
        tracing::Span::current()
            .metadata()
            .map(tracing::Metadata::name),
    )
}

fn subscribed(test: impl Future<Output = ()>) {
    let subscriber = tracing_subscriber::fmt()
        .with_writer(std::io::sink)
        .finish();
    propagate_context_tests::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let span = tracing::info_span!("request");
        runtime.block_on(ID.scope(7, test.instrument(span)));
    });
}

/// The default subscriber is set per thread, so it is passed explicitly.
fn with_dispatch<R>(dispatch: &tracing::Dispatch, f: impl FnOnce() -> R) -> R {
    propagate_context_tests::with_default(dispatch.clone(), f)
}

#[test]
fn with_the_option() {
    #[propagate_context(span)]
    async fn test() {
        let seen = Some("request");
        assert_eq!(
            tokio::spawn(async { read() }).await.unwrap(),
            (Some(7), seen)
        );
        let future = async { read() };
        assert_eq!(tokio::spawn(future).await.unwrap(), (Some(7), seen));
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let thread = std::thread::spawn(move || with_dispatch(&dispatch, read));
        // A span can only be entered with the subscriber that created it.
        assert_eq!(thread.join().unwrap().0, Some(7));
        let marked = #[propagate_context]
        move |more: u32| (read(), more);
        assert_eq!(
            tracing::Span::none().in_scope(|| marked(1)),
            ((Some(7), seen), 1)
        );
        assert_eq!(rayon::join(|| ID.get(), read).0, Some(7));
        #[detached]
        let detached = tokio::spawn(async { read() });
        assert_eq!(detached.await.unwrap(), (None, None));
    }
    subscribed(test());
}

#[test]
fn without_the_option() {
    #[propagate_context]
    async fn test() {
        assert_eq!(
            tokio::spawn(async { read() }).await.unwrap(),
            (Some(7), None)
        );
    }
    subscribed(test());
}
