//! async-graphql: resolvers, a `DataLoader` that several requests share, subscriptions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, Subscription};
use futures::{Stream, StreamExt as _, stream};
use propagate_context::{LINKED_REQUEST_IDS, PerRequest, Propagate as _, propagate_context, task};

use crate::support::{id, request};

type Batches = Arc<Mutex<Vec<(String, String, Vec<u32>)>>>;

/// Stores the id, the linked ids and the keys of each batch.
struct Orders(Batches);

impl Loader<PerRequest<u32>> for Orders {
    type Value = String;
    type Error = String;

    #[propagate_context]
    async fn load(
        &self,
        keys: &[PerRequest<u32>],
    ) -> Result<HashMap<PerRequest<u32>, String>, String> {
        let batches = self.0.clone();
        let loaded = PerRequest::batch(keys).run_async(async |numbers| {
            let linked = LINKED_REQUEST_IDS.get();
            let linked = linked.map(|ids| ids.to_string()).unwrap_or_default();
            // Tasks that the batch spawns belong to it, too.
            let id = tokio::spawn(async { id() }).await.unwrap();
            let found: Vec<_> = numbers
                .iter()
                .map(|number| format!("order {number}"))
                .collect();
            batches.lock().unwrap().push((id, linked, numbers));
            found
        });
        let loaded = loaded.await;
        Ok(keys.iter().cloned().zip(loaded).collect())
    }
}

struct Query;

#[Object]
impl Query {
    /// Returns the id of the request, in the resolver and in a task that it spawns.
    async fn id(&self) -> String {
        let spawned = task::spawn(async { id() }).await.unwrap();
        format!("{} {spawned}", id())
    }

    async fn order(&self, ctx: &async_graphql::Context<'_>, number: u32) -> Option<String> {
        let orders = ctx.data_unchecked::<DataLoader<Orders>>();
        orders.load_one(PerRequest::new(number)).await.unwrap()
    }
}

#[tokio::test]
async fn requests_that_share_a_loader_keep_all_keys() {
    let batches = Batches::default();
    // The batch is loaded when it is full, which is with the third key.
    let orders = DataLoader::new(Orders(batches.clone()), tokio::spawn)
        .delay(Duration::from_secs(3600))
        .max_batch_size(3);
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
        .data(orders)
        .finish();
    let ask = |id: &str, query: &'static str| request(id).scope(schema.execute(query));
    let both = futures::future::join(
        ask("a", "{ id order(number: 7) }"),
        ask(
            "b",
            "{ seven: order(number: 7) again: order(number: 7) eight: order(number: 8) }",
        ),
    );
    // If a key is dropped, the batch waits forever. The timeout turns that into a failure.
    let both = tokio::time::timeout(Duration::from_secs(60), both).await;
    let (first, second) = both.expect("a batch of all three keys");
    let first = first.into_result().unwrap().data.to_string();
    assert_eq!(first, r#"{id: "a a", order: "order 7"}"#);
    let second = second.into_result().unwrap().data.to_string();
    assert_eq!(
        second,
        r#"{seven: "order 7", again: "order 7", eight: "order 8"}"#
    );
    let mut batches = batches.lock().unwrap();
    let [(id, linked, numbers)] = &mut batches[..] else {
        panic!("{batches:?}")
    };
    numbers.sort_unstable();
    // One batch for two requests: key 7 once for each of them, and key 8.
    assert_eq!((&**id, &numbers[..]), ("-", &[7, 7, 8][..]));
    let mut linked: Vec<_> = linked.split(',').collect();
    linked.sort_unstable();
    assert_eq!(linked, ["a", "b"]);
}

/// The usual setup: a loader for each request, spawned in the context of the request.
#[tokio::test]
async fn a_loader_of_one_request_has_its_id() {
    struct Ids;
    impl Loader<u32> for Ids {
        type Value = String;
        type Error = String;

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, String>, String> {
            Ok(keys.iter().map(|key| (*key, id())).collect())
        }
    }
    let load = |spawn_in_context: bool| async move {
        let loader = if spawn_in_context {
            DataLoader::new(Ids, task::spawn::<_>)
        } else {
            DataLoader::new(Ids, tokio::spawn)
        };
        loader.max_batch_size(1).load_one(1).await.unwrap()
    };
    let [in_context, lost] = [true, false].map(|spawn| request("a").scope(load(spawn)));
    assert_eq!(in_context.await.as_deref(), Some("a"));
    // A spawner that is passed as a value is not rewritten.
    assert_eq!(lost.await.as_deref(), Some("-"));
}

struct Ticks;

#[Subscription]
impl Ticks {
    async fn ticks(&self) -> impl Stream<Item = String> {
        stream::iter(0..2).then(async |tick| {
            tokio::task::yield_now().await;
            format!("{tick} {}", id())
        })
    }
}

/// The stream that a WebSocket or `GraphQLSubscription` polls after the handler has returned.
#[tokio::test]
async fn a_subscription_keeps_the_request_that_opened_it() {
    let schema = Schema::new(Query, EmptyMutation, Ticks);
    let events = request("a").sync_scope(|| {
        schema
            .execute_stream("subscription { ticks }")
            .in_current_context()
    });
    let events: Vec<_> = events.map(|event| event.data.to_string()).collect().await;
    assert_eq!(events, [r#"{ticks: "0 a"}"#, r#"{ticks: "1 a"}"#]);
}
