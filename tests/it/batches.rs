//! Messages of several requests, handled at once: with all ids, and none as the request id.

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
fn a_batch_names_all_its_requests_and_is_none_of_them() {
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
fn outside_every_scope_it_has_one_too() {
    batch(["a"]).run(|_| {
        assert_eq!(linked().as_deref(), Some("a"));
        TENANT.set("in the batch");
    });
    assert_eq!((linked(), TENANT.get()), (None, None));
}

/// Each write in it ends with it.
#[test]
fn it_keeps_what_its_receiver_names() {
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

/// Also in another task: they are the values of where it was made.
#[tokio::test]
async fn in_another_task_it_keeps_the_same() {
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
fn a_batch_without_ids_links_none_of_the_batch_around_it() {
    batch(["a"]).run(|_| {
        let anonymous: Batch<u8> = [Carried::with_context(2, Context::empty())]
            .into_iter()
            .collect();
        anonymous.run(|_| assert_eq!(linked(), None));
        assert_eq!(linked().as_deref(), Some("a"));
    });
}
