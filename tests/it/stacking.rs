//! Other attributes above and below `#[propagate_context]`: the table in the documentation of the attribute.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use propagate_context::{ContextVar, propagate_context};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

static ID: ContextVar<u32> = ContextVar::new("id");

async fn spawned() -> Option<u32> {
    tokio::task::yield_now().await;
    ID.get()
}

mod tokio_main {
    use super::*;

    #[tokio::main(flavor = "current_thread")]
    #[propagate_context]
    async fn above() -> Option<u32> {
        ID.set(7);
        tokio::spawn(spawned()).await.unwrap()
    }

    #[propagate_context]
    #[tokio::main(flavor = "current_thread")]
    async fn below() -> Option<u32> {
        ID.set(7);
        tokio::spawn(spawned()).await.unwrap()
    }

    #[test]
    fn both_orders() {
        assert_eq!((above(), below()), (Some(7), Some(7)));
        assert_eq!(ID.get(), None);
    }
}

mod tokio_test {
    use super::*;

    #[tokio::test]
    #[propagate_context]
    async fn above() {
        ID.set(7);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(7));
    }

    #[propagate_context]
    #[tokio::test(flavor = "multi_thread")]
    async fn below() {
        ID.set(7);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(7));
    }
}

/// Stores the events that the tests log, with the names of their spans.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0 = format!("{}{}={value:?} ", self.0, field.name());
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        let spans = context.event_scope(event).into_iter().flatten();
        let spans: Vec<_> = spans.map(|span| span.name()).collect();
        self.0
            .lock()
            .unwrap()
            .push(format!("{}{}", text.0, spans.join(",")));
    }
}

mod instrument {
    use super::*;

    #[tracing::instrument(ret, err)]
    #[propagate_context]
    async fn above(n: u32, (a, b): (u32, u32)) -> Result<Option<u32>, String> {
        tokio::task::yield_now().await;
        tracing::info!(n, a, b, "inside");
        tokio::spawn(spawned())
            .await
            .map_err(|error| error.to_string())
    }

    #[propagate_context]
    #[tracing::instrument(skip(n), ret, err)]
    async fn below(n: u32, (a, b): (u32, u32)) -> Result<Option<u32>, String> {
        tokio::task::yield_now().await;
        tracing::info!(n, a, b, "inside");
        tokio::spawn(spawned())
            .await
            .map_err(|error| error.to_string())
    }

    #[tracing::instrument]
    #[propagate_context]
    fn sync_above() -> Option<u32> {
        tracing::info!("inside");
        std::thread::spawn(|| ID.get()).join().unwrap()
    }

    #[propagate_context]
    #[tracing::instrument]
    fn sync_below() -> Option<u32> {
        tracing::info!("inside");
        std::thread::spawn(|| ID.get()).join().unwrap()
    }

    #[test]
    fn both_orders_keep_the_span() {
        let events = Events::default();
        let subscriber = tracing_subscriber::registry().with(events.clone());
        propagate_context_tests::with_default(subscriber, || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime.block_on(async {
                assert_eq!(ID.scope(7, above(1, (2, 3))).await, Ok(Some(7)));
                assert_eq!(ID.scope(7, below(1, (2, 3))).await, Ok(Some(7)));
            });
            ID.sync_scope(7, || {
                assert_eq!((sync_above(), sync_below()), (Some(7), Some(7)));
            });
        });
        let events = events.0.lock().unwrap();
        let expected = [
            "message=inside n=1 a=2 b=3 above",
            "return=Some(7) above",
            "message=inside n=1 a=2 b=3 below",
            "return=Some(7) below",
            "message=inside sync_above",
            "message=inside sync_below",
        ];
        assert_eq!(*events, expected);
    }
}

/// `#[instrument]` looks for the `async` block that a function returns.
mod instrument_of_futures {
    use std::pin::Pin;

    use super::*;

    #[propagate_context]
    #[tracing::instrument(ret)]
    fn opaque(n: u32) -> impl Future<Output = Option<u32>> + Send {
        async move {
            tracing::info!(n, "inside");
            tokio::spawn(spawned()).await.unwrap()
        }
    }

    #[propagate_context]
    #[tracing::instrument(skip_all, err)]
    fn boxed(n: u32) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
        Box::pin(async move {
            tracing::info!("inside");
            Err(format!("{n} {:?}", tokio::spawn(spawned()).await.unwrap()))
        })
    }

    struct Worker;

    #[propagate_context]
    impl Worker {
        #[tracing::instrument(skip_all)]
        fn member(&self) -> impl Future<Output = Option<u32>> + Send + use<> {
            async {
                tracing::info!("inside");
                tokio::spawn(spawned()).await.unwrap()
            }
        }
    }

    #[propagate_context(set(ID = n))]
    #[tracing::instrument(skip_all)]
    fn sets(n: u32) -> impl Future<Output = Option<u32>> + Send {
        async {
            tracing::info!("inside");
            tokio::spawn(spawned()).await.unwrap()
        }
    }

    #[test]
    fn keeps_the_span_and_captures_at_the_call() {
        let events = Events::default();
        let subscriber = tracing_subscriber::registry().with(events.clone());
        propagate_context_tests::with_default(subscriber, || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            let called = ID.sync_scope(7, || (opaque(1), boxed(2), Worker.member(), sets(3)));
            runtime.block_on(async {
                assert_eq!(called.0.await, Some(7));
                assert_eq!(called.1.await, Err("2 Some(7)".to_owned()));
                assert_eq!(called.2.await, Some(7));
                assert_eq!(called.3.await, Some(3));
            });
        });
        let expected = [
            "message=inside n=1 opaque",
            "return=Some(7) opaque",
            "message=inside boxed",
            "error=2 Some(7) boxed",
            "message=inside member",
            "message=inside sets",
        ];
        assert_eq!(*events.0.lock().unwrap(), expected);
    }
}

mod async_traits {
    use super::*;

    #[async_trait]
    trait Visit {
        async fn visit(&self, n: u32) -> (Option<u32>, u32);

        #[propagate_context]
        async fn provided(&self) -> Option<u32> {
            tokio::spawn(spawned()).await.unwrap()
        }
    }

    struct Above;
    struct Below;

    #[async_trait]
    impl Visit for Above {
        #[propagate_context]
        async fn visit(&self, n: u32) -> (Option<u32>, u32) {
            (tokio::spawn(spawned()).await.unwrap(), n)
        }
    }

    #[propagate_context]
    #[async_trait]
    impl Visit for Below {
        async fn visit(&self, n: u32) -> (Option<u32>, u32) {
            (tokio::spawn(spawned()).await.unwrap(), n)
        }
    }

    #[tokio::test]
    async fn both_orders() {
        let both: [&(dyn Visit + Sync); 2] = [&Above, &Below];
        for one in both {
            assert_eq!(ID.scope(7, one.visit(1)).await, (Some(7), 1));
            assert_eq!(ID.scope(7, one.provided()).await, Some(7));
        }
        // The future is boxed before it is first polled, so it captures the context at the call.
        let called = ID.sync_scope(7, || Above.visit(1));
        assert_eq!(called.await, (Some(7), 1));
    }
}

mod inert {
    use super::*;

    /// Documented.
    #[propagate_context]
    #[cfg_attr(all(), must_use, doc = "More.")]
    #[allow(clippy::unused_async)]
    #[inline]
    async fn below() -> Option<u32> {
        ID.get()
    }

    #[cfg_attr(all(), propagate_context)]
    #[cfg_attr(all(), tracing::instrument)]
    async fn behind_cfg_attr() -> Option<u32> {
        tokio::spawn(spawned()).await.unwrap()
    }

    #[tokio::test]
    async fn capture_at_the_call() {
        let called = ID.sync_scope(7, below);
        assert_eq!(called.await, Some(7));
        assert_eq!(ID.scope(7, behind_cfg_attr()).await, Some(7));
    }
}
