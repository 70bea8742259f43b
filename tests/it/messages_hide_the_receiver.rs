//! While a message is handled, only its own context and the values that the receiver names are visible.

use std::collections::HashMap;
use std::sync::OnceLock;

use futures::executor::block_on;
use propagate_context::entry::Entry;
use propagate_context::{
    Batch, Carried, Context, ContextVar, LINKED_REQUEST_IDS, REQUEST_ID, context_entry,
    propagate_context, task,
};
use tokio::sync::{mpsc, oneshot};

use crate::support::wire::id;

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");
static ACTOR: ContextVar<&str> = ContextVar::new("actor");
static MAILBOX: ContextVar<u32> = ContextVar::new("mailbox").task_only();

type Seen = (String, Option<String>);

fn seen() -> Seen {
    (id(), TENANT.get())
}

fn context(id: &str, tenant: Option<&str>) -> Context {
    let context = Context::empty().with(&REQUEST_ID, id.parse().unwrap());
    match tenant {
        Some(tenant) => context.with(&TENANT, tenant.to_owned()),
        None => context,
    }
}

type Job = Carried<oneshot::Sender<Vec<Seen>>>;

async fn work(mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        job.run_async(async |answer| {
            tokio::task::yield_now().await;
            let child = task::spawn(async { seen() }).await.unwrap();
            answer.send(vec![seen(), child]).unwrap();
        })
        .await;
    }
}

/// The worker inherits the context of the first request that needs it, because it was not started `#[detached]`.
#[tokio::test]
async fn a_worker_does_not_pass_on_the_request_that_started_it() {
    static WORKER: OnceLock<mpsc::UnboundedSender<Job>> = OnceLock::new();
    #[propagate_context]
    async fn handle() -> Vec<Seen> {
        let worker = WORKER.get_or_init(|| {
            let (sender, jobs) = mpsc::unbounded_channel();
            tokio::spawn(work(jobs));
            sender
        });
        let (sender, answer) = oneshot::channel();
        worker.send(Carried::new(sender)).unwrap();
        answer.await.unwrap()
    }
    for (context, expected) in [
        (context("a", Some("acme")), ("a", Some("acme"))),
        (context("b", None), ("b", None)),
        (Context::empty(), ("", None)),
    ] {
        let (id, tenant) = expected;
        let expected = (id.to_owned(), tenant.map(str::to_owned));
        assert_eq!(context.scope(handle()).await, [expected.clone(), expected]);
    }
}

#[test]
fn a_synchronous_worker_does_not_pass_on_its_context() {
    context("worker", Some("acme")).sync_scope(|| {
        Carried::with_context((), context("b", None))
            .run(|()| assert_eq!(seen(), ("b".to_owned(), None)));
        Carried::with_context((), Context::empty())
            .run(|()| assert_eq!(seen(), (String::new(), None)));
        assert_eq!(seen(), ("worker".to_owned(), Some("acme".to_owned())));
    });
}

/// An annotated function runs in the scope of the message, and not in the context of its caller.
#[test]
fn annotated_functions_in_an_empty_message_see_nothing() {
    #[propagate_context]
    async fn annotated() -> Seen {
        tokio::spawn(async { seen() }).await.unwrap()
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let worker = async {
        let called_outside = annotated();
        Carried::with_context((), Context::empty())
            .run_async(async |()| (called_outside.await, annotated().await))
            .await
    };
    let (outside, inside) = runtime.block_on(context("worker", Some("acme")).scope(worker));
    assert_eq!(
        (outside, inside),
        ((String::new(), None), (String::new(), None))
    );
}

fn batch() -> Batch<()> {
    [Carried::with_context((), context("a", Some("acme")))]
        .into_iter()
        .collect()
}

#[test]
fn a_batch_has_only_the_linked_ids() {
    let linked = || LINKED_REQUEST_IDS.get().map(|ids| ids.to_string());
    let expected = (String::new(), None);
    context("worker", Some("other")).sync_scope(|| {
        batch().run(|_| assert_eq!((seen(), linked()), (expected.clone(), Some("a".to_owned()))));
        let handled = batch().run_async(async |_| (seen(), linked()));
        assert_eq!(block_on(handled), (expected, Some("a".to_owned())));
    });
}

#[context_entry(carrier = headers, vars = [TENANT])]
async fn entry(headers: HashMap<String, String>) -> (Seen, Option<&'static str>) {
    drop(headers);
    (seen(), ACTOR.get())
}

#[test]
fn an_entry_with_a_carrier_has_only_the_values_of_the_message() {
    let message = HashMap::from([("x-request-id".to_owned(), "b".to_owned())]);
    let handled = ACTOR.scope(
        "shop",
        context("worker", Some("acme")).scope(entry(message)),
    );
    assert_eq!(block_on(handled), (("b".to_owned(), None), None));
}

/// The receiver's value takes precedence over the value of the message, because the sender may be an actor, too.
#[test]
fn kept_values_are_those_of_the_receiver() {
    let sent = context("a", None).with(&ACTOR, "sender");
    let receiver = async {
        MAILBOX.set(5);
        let message = Carried::with_context((), sent.clone()).keeping(&[&ACTOR, &MAILBOX]);
        message
            .clone()
            .run(|()| assert_eq!((ACTOR.get(), MAILBOX.get()), (Some("shop"), Some(5))));
        let handled = message.run_async(async |()| {
            ACTOR.set("left behind");
            (id(), MAILBOX.get(), TENANT.get())
        });
        assert_eq!(handled.await, ("a".to_owned(), Some(5), None));
        let batch = batch().keeping(&[&ACTOR]);
        assert_eq!(
            batch.run_async(async |_| (ACTOR.get(), id())).await,
            (Some("shop"), String::new())
        );
        assert_eq!(ACTOR.get(), Some("shop"));

        let jobs = Entry::new().keeping(&[&ACTOR]);
        let opened = jobs.open(&Vec::<(String, String)>::new()).unwrap();
        assert_eq!(
            (opened.get(&ACTOR), opened.get(&TENANT)),
            (Some("shop"), None)
        );
    };
    block_on(context("worker", Some("acme")).scope(ACTOR.scope("shop", receiver)));
}

/// If the receiver does not have a value, nothing is kept.
#[test]
fn values_that_the_receiver_does_not_have_are_not_kept() {
    let message = Carried::with_context((), context("a", Some("acme"))).keeping(&[&ACTOR, &TENANT]);
    message.run(|()| assert_eq!((seen(), ACTOR.get()), (("a".to_owned(), None), None)));
}
