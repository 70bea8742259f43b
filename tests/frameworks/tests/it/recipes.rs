//! Recipes of the guide with the actual crates: caches, executors, workers.

use apalis_core::error::BoxDynError;
use apalis_core::task::Task;
use apalis_core::task::task_fn::task_fn;
use moka::future::Cache;
use propagate_context::entry::Entry;
use propagate_context::{Carried, ContextMap, MessageLayer, Propagate as _, propagate_context};
use tokio::sync::oneshot;
use tower::{ServiceBuilder, ServiceExt as _};

use crate::support::{id, request};

/// A value that several requests wait for is computed in the scope of the first request.
#[tokio::test]
async fn moka_computes_in_the_scope_of_the_first_request() {
    let rates: Cache<&str, String> = Cache::new(10);
    let ask = |who: &str| {
        let rates = rates.clone();
        let asked = async move {
            let computed = rates.get_with("rates", async {
                tokio::task::yield_now().await;
                id()
            });
            (computed.await, id())
        };
        request(who).scope(asked)
    };
    let [first, second] = futures::future::join_all([ask("a"), ask("b")])
        .await
        .try_into()
        .unwrap();
    assert_eq!(first, ("a".to_owned(), "a".to_owned()));
    assert_eq!(second, ("a".to_owned(), "b".to_owned()));
}

/// The spawn function of leptos is found by its name.
#[tokio::test]
async fn any_spawner_of_leptos() {
    #[propagate_context]
    async fn handle() -> String {
        let (sender, receiver) = oneshot::channel();
        any_spawner::Executor::spawn(async move { sender.send(id()).unwrap() });
        receiver.await.unwrap()
    }
    any_spawner::Executor::init_tokio().unwrap();
    assert_eq!(request("a").scope(handle()).await, "a");
}

struct Job {
    context: ContextMap,
}

async fn pack(_: Job) -> Result<String, BoxDynError> {
    tokio::task::yield_now().await;
    Ok(id())
}

/// An apalis handler is a tower service of tasks.
#[tokio::test]
async fn apalis_handlers_inside_a_message_layer() {
    let worker = ServiceBuilder::new()
        .layer(MessageLayer::new(Entry::new(), |task: &Task<Job>| {
            task.args.context.clone()
        }))
        .service(task_fn(pack));
    let job = request("a").sync_scope(|| Job {
        context: ContextMap::current(),
    });
    assert_eq!(worker.clone().oneshot(Task::new(job)).await.unwrap(), "a");
    let job = Job {
        context: ContextMap::new(),
    };
    assert_eq!(worker.oneshot(Task::new(job)).await.unwrap().len(), 36);
}

/// A stream that is created in a request and polled elsewhere: a broadcast, a subscription.
#[tokio::test]
async fn a_broadcast_is_received_in_the_context_of_the_sender() {
    let (sender, mut receiver) = tokio::sync::broadcast::channel(2);
    let sent = request("a").sync_scope(|| sender.send(Carried::new("sold out")));
    assert!(sent.is_ok());
    let received = async { receiver.recv().await.unwrap().run(|news| (news, id())) };
    let received = received.in_context(request("b")).await;
    assert_eq!(received, ("sold out", "a".to_owned()));
}
