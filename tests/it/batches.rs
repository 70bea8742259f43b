//! Messages of several requests that are handled together: with all ids, but without a request id.

use futures::executor::block_on;
use propagate_context::{
    Batch, Carried, Context, ContextVar, LINKED_REQUEST_IDS, REQUEST_ID, RequestId,
};
use tracing::info;

use crate::support::wire::Log;

static TENANT: ContextVar<&str> = ContextVar::new("tenant");
static ACTOR: ContextVar<&str> = ContextVar::new("actor");
static MAILBOX: ContextVar<u32> = ContextVar::new("mailbox").task_only();

fn request(id: &str) -> RequestId {
    id.parse().unwrap()
}

fn batch<const N: usize>(ids: [&'static str; N]) -> Batch<&'static str> {
    ids.into_iter()
        .map(|id| {
            let context = Context::empty()
                .with(&REQUEST_ID, request(id))
                .with(&TENANT, id);
            Carried::with_context(id, context)
        })
        .collect()
}

fn linked() -> Option<String> {
    LINKED_REQUEST_IDS.get().map(|ids| ids.to_string())
}

#[test]
fn a_batch_links_all_requests_and_has_no_request_id() {
    let log = Log::capture();
    REQUEST_ID.sync_scope(request("worker"), || {
        batch(["a", "b", "c", "a"]).run(|messages| {
            info!("handled");
            assert_eq!(messages, ["a", "b", "c", "a"]);
            assert_eq!((REQUEST_ID.get(), TENANT.get()), (None, None));
            assert_eq!(LINKED_REQUEST_IDS.get().unwrap().as_slice().len(), 3);
        });
        assert_eq!(REQUEST_ID.get(), Some(request("worker")));
    });
    let lines = log.take();
    assert_eq!(
        (lines[0].id(), lines[0].member("linked_request_ids")),
        (None, Some("a,b,c".to_owned()))
    );
}

#[test]
fn a_batch_outside_every_scope_has_a_scope() {
    batch(["a"]).run(|_| {
        assert_eq!(linked().as_deref(), Some("a"));
        TENANT.set("in the batch");
    });
    assert_eq!((linked(), TENANT.get()), (None, None));
}

/// Writes inside the batch end with it.
#[test]
fn keeps_the_values_that_the_receiver_names() {
    let receiver = async {
        MAILBOX.set(5);
        batch(["a", "b"])
            .keeping(&[&ACTOR, &MAILBOX])
            .run_async(async |_| {
                assert_eq!((ACTOR.get(), MAILBOX.get()), (Some("shop"), Some(5)));
                assert_eq!((REQUEST_ID.get(), linked()), (None, Some("a,b".to_owned())));
                ACTOR.set("left behind");
            })
            .await;
        assert_eq!((ACTOR.get(), linked()), (Some("shop"), None));
    };
    block_on(REQUEST_ID.scope(request("worker"), ACTOR.scope("shop", receiver)));
}

/// This also holds in another task: the values are those at the time when the future was created.
#[tokio::test]
async fn keeps_the_same_values_in_another_task() {
    let maker = async {
        MAILBOX.set(5);
        let handled = batch(["a"])
            .keeping(&[&ACTOR])
            .run_async(async |_| (MAILBOX.get(), ACTOR.get(), REQUEST_ID.get(), linked()));
        tokio::spawn(handled).await.unwrap()
    };
    let seen = REQUEST_ID
        .scope(request("worker"), ACTOR.scope("shop", maker))
        .await;
    assert_eq!(seen, (None, Some("shop"), None, Some("a".to_owned())));
}

#[test]
fn a_batch_without_ids_does_not_inherit_linked_ids() {
    batch(["a"]).run(|_| {
        let anonymous: Batch<u8> = [Carried::with_context(2, Context::empty())]
            .into_iter()
            .collect();
        anonymous.run(|_| assert_eq!(linked(), None));
        assert_eq!(linked().as_deref(), Some("a"));
    });
}

mod per_request {
    use std::collections::{HashMap, HashSet};

    use propagate_context::PerRequest;
    use propagate_context::entry::Entry;

    use super::*;

    fn open(id: &str) -> Context {
        let headers = HashMap::from([("x-request-id".to_owned(), id.to_owned())]);
        Entry::new().open(&headers).unwrap()
    }

    #[test]
    fn keys_of_two_requests_differ() {
        let [first, second] = [open("a"), open("a")];
        let keys = [
            first.sync_scope(|| PerRequest::new(1)),
            first.sync_scope(|| PerRequest::new(1)),
            first.sync_scope(|| PerRequest::new(2)),
            second.sync_scope(|| PerRequest::new(1)),
            PerRequest::new(1),
            PerRequest::new(1),
        ];
        let unique: HashSet<_> = keys.iter().cloned().collect();
        assert_eq!(unique.len(), 4);
        assert_eq!(keys[0], keys[1]);
        assert_ne!(keys[0], keys[3]);
        assert_eq!(keys[4], keys[5]);
    }

    /// The request is the same in its tasks, in an inner scope, and after a variable has been set.
    #[test]
    fn all_scopes_of_a_request_have_equal_keys() {
        open("a").sync_scope(|| {
            let key = PerRequest::new(1);
            let in_thread = Context::current().wrap(|| PerRequest::new(1));
            assert_eq!(key, std::thread::spawn(in_thread).join().unwrap());
            assert_eq!(key, TENANT.sync_scope("acme", || PerRequest::new(1)));
            TENANT.set("acme");
            MAILBOX.set(1);
            assert_eq!(key, PerRequest::new(1));
        });
    }

    /// Without an entry, the snapshot decides, because nothing shows that two scopes belong to one request.
    #[test]
    fn scopes_without_an_entry_have_different_keys() {
        let key = |tenant| TENANT.sync_scope(tenant, || PerRequest::new(1));
        assert_ne!(key("acme"), key("acme"));
        TENANT.sync_scope("acme", || {
            assert_eq!(PerRequest::new(1), PerRequest::new(1));
        });
    }

    #[test]
    fn a_batch_of_keys_has_all_ids() {
        let keys = ["a", "b", "a"].map(|id| open(id).sync_scope(|| PerRequest::new(id)));
        PerRequest::batch(&keys).run(|loaded| {
            assert_eq!(loaded, ["a", "b", "a"]);
            assert_eq!(linked().as_deref(), Some("a,b"));
        });
        let carried = keys[1].clone().into_carried();
        carried.run(|key| assert_eq!((key, REQUEST_ID.get()), ("b", Some(request("b")))));
    }
}
