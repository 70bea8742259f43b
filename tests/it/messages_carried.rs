//! A message in a channel carries its context, and the context of the receiver does not change.

use propagate_context::{Carried, Context, ContextVar, REQUEST_ID, RequestId};
use tracing::info;

use crate::support::wire::{Log, id};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
static ACTOR: ContextVar<&str> = ContextVar::new("actor").logged();
static MAILBOX: ContextVar<u32> = ContextVar::new("mailbox").task_only();

fn context(id: &str) -> Context {
    Context::empty()
        .with(&REQUEST_ID, RequestId::try_from(id).unwrap())
        .with(&TENANT, "acme".to_owned())
}

/// An actor handles A, then B. It never sees A while it handles B, and it keeps its own values.
#[tokio::test]
async fn the_actor_keeps_its_own_context() {
    let log = Log::capture();
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    for (request, tenant) in [("a", Some("acme")), ("b", None)] {
        let mut context = Context::empty().with(&REQUEST_ID, RequestId::try_from(request).unwrap());
        if let Some(tenant) = tenant {
            context = context.with(&TENANT, tenant.to_owned());
        }
        context.sync_scope(|| sender.send(Carried::new(request)).unwrap());
    }
    drop(sender);
    let actor = async {
        MAILBOX.set(5);
        while let Some(message) = receiver.recv().await {
            message
                .keeping(&[&ACTOR, &MAILBOX])
                .run_async(async |request| {
                    tokio::task::yield_now().await;
                    info!("handled");
                    assert_eq!(
                        (id().as_str(), ACTOR.get(), MAILBOX.get()),
                        (request, Some("shop"), Some(5))
                    );
                    assert_eq!(TENANT.get().is_some(), request == "a");
                    TENANT.set("left behind".to_owned());
                })
                .await;
            assert_eq!((id().as_str(), TENANT.get()), ("", None));
        }
    };
    ACTOR.scope("shop", actor).await;
    let lines = log.take();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.id(), line.member("actor"), line.member("tenant")))
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            (text("a"), text("shop"), text("acme")),
            (text("b"), text("shop"), None)
        ]
    );
}

#[test]
fn handlers_can_be_synchronous() {
    let message = context("a").sync_scope(|| Carried::new("a"));
    ACTOR.sync_scope("shop", || {
        message
            .keeping(&[&ACTOR])
            .run(|request| assert_eq!((id().as_str(), ACTOR.get()), (request, Some("shop"))));
        assert_eq!((id().as_str(), TENANT.get()), ("", None));
    });
}

/// A handler that is polled elsewhere has the receiver's values at the time when it was created.
#[tokio::test]
async fn a_spawned_handler_has_the_values_of_sender_and_receiver() {
    let message = context("a").sync_scope(|| Carried::new(()));
    let handled = ACTOR.sync_scope("shop", || {
        message
            .keeping(&[&ACTOR])
            .run_async(async |()| (id(), ACTOR.get()))
    });
    assert_eq!(
        tokio::spawn(handled).await.unwrap(),
        ("a".to_owned(), Some("shop"))
    );
}
