//! An entry that takes a message or a job runs in its own scope, regardless of the scope of the receiving loop.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::executor::block_on;
use futures::stream::BoxStream;
use futures::{FutureExt, Stream, StreamExt};
use http::{Request, Response};
use propagate_context::entry::MissingValue;
use propagate_context::{ContextVar, REQUEST_ID, RequestId, context_entry, propagate_context};
use tracing::info;

use crate::support::wire::{Log, id};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");

fn headers(id: &str) -> HashMap<String, String> {
    HashMap::from([("X-Request-Id".to_owned(), id.to_owned())])
}

#[derive(Default)]
struct Message {
    headers: Option<HashMap<String, String>>,
}

impl Message {
    fn of(id: &str) -> Self {
        Self {
            headers: Some(headers(id)),
        }
    }
}

#[context_entry(carrier = message.headers)]
async fn handle(message: Message) -> (String, usize) {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    info!("handled");
    (spawned, message.headers.map_or(0, |headers| headers.len()))
}

#[tokio::test]
async fn each_message_has_its_own_id() {
    let log = Log::capture();
    assert_eq!(handle(Message::of("a")).await, ("a".to_owned(), 1));
    assert_eq!(handle(Message::of("b")).await, ("b".to_owned(), 1));
    let (made, _) = handle(Message::default()).await;
    assert_eq!(made.len(), 36);
    let ids: Vec<_> = log.take().iter().map(|line| line.id().unwrap()).collect();
    assert_eq!(ids, ["a", "b", &made]);
    assert_eq!(id(), "");
}

/// A loop may have its own id, which is not visible to messages.
#[tokio::test]
async fn the_id_of_a_worker_is_not_inherited_by_messages() {
    #[propagate_context]
    async fn worker() -> Vec<String> {
        let mut seen = Vec::new();
        for message in [Message::of("a"), Message::default()] {
            seen.push(handle(message).await.0);
            seen.push(id());
        }
        seen
    }
    let own = RequestId::try_from("worker").unwrap();
    let seen = REQUEST_ID.scope(own, worker()).await;
    assert_eq!(
        (
            seen[0].as_str(),
            seen[1].as_str(),
            seen[2].len(),
            seen[3].as_str()
        ),
        ("a", "worker", 36, "worker")
    );
}

/// The broker's id of the message, which is the same at each delivery.
fn id_of(message: &Numbered) -> RequestId {
    format!("message-{}", message.number).parse().unwrap()
}

struct Numbered {
    number: u32,
    headers: HashMap<String, String>,
}

#[context_entry(carrier = message.headers, generate = id_of(&message))]
async fn redelivered(message: Numbered) -> (String, u32) {
    (id(), message.number)
}

#[context_entry(carrier = message.headers, generate = id_of(message))]
fn redelivered_at_once(message: &Numbered) -> String {
    id()
}

#[context_entry(carrier = message.headers, generate = id_of(&message))]
fn redelivered_boxed(message: Numbered) -> Pin<Box<dyn Future<Output = String> + Send>> {
    Box::pin(async move { format!("{} {}", id(), message.headers.len()) })
}

#[tokio::test]
async fn the_id_can_be_generated_from_the_arguments() {
    let log = Log::capture();
    let message = |headers| Numbered { number: 7, headers };
    for _ in 0..2 {
        let none = HashMap::new;
        let made = "message-7".to_owned();
        assert_eq!(redelivered(message(none())).await, (made.clone(), 7));
        assert_eq!(redelivered_at_once(&message(none())), made);
        assert_eq!(redelivered_boxed(message(none())).await, "message-7 0");
    }
    // Not if the message has an id ..
    assert_eq!(redelivered(message(headers("a"))).await.0, "a");
    assert!(log.take().is_empty());
    // .. that is valid; otherwise, the line about the invalid id has the generated id.
    assert_eq!(
        redelivered(message(headers("not valid"))).await.0,
        "message-7"
    );
    assert_eq!(log.take()[0].id().as_deref(), Some("message-7"));
}

#[context_entry(carrier = job)]
fn job(job: &BTreeMap<String, String>) -> String {
    TENANT.set("set".to_owned());
    format!("{} {}", id(), job.len())
}

#[test]
fn jobs_can_be_synchronous() {
    let message = BTreeMap::from([("x-request-id".to_owned(), "a".to_owned())]);
    assert_eq!(job(&message), "a 1");
    assert_eq!((id().as_str(), TENANT.get()), ("", None));
}

#[context_entry(carrier = headers, required = [TENANT])]
async fn requires(headers: HashMap<String, String>) -> Result<String, MissingValue> {
    let _ = headers;
    Ok(TENANT.get().unwrap_or_default())
}

#[context_entry(carrier = headers, required)]
fn requires_at_once(
    headers: &HashMap<String, String>,
) -> Result<String, Box<dyn std::error::Error>> {
    let _ = headers;
    Ok(id())
}

#[tokio::test]
async fn a_missing_value_is_an_error() {
    let error = requires(headers("a")).await.unwrap_err();
    assert_eq!(
        (error.key(), error.to_string().as_str()),
        ("x-tenant", "the header `x-tenant` is missing")
    );
    let tenant = HashMap::from([("X-TENANT".to_owned(), "acme".to_owned())]);
    assert_eq!(requires(tenant.clone()).await.unwrap(), "acme");

    assert_eq!(requires_at_once(&headers("a")).unwrap(), "a");
    assert!(requires_at_once(&tenant).is_err());
}

#[async_trait]
trait Handler {
    async fn handle(&mut self, message: Message) -> String;
}

struct Counting(usize);

#[async_trait]
impl Handler for Counting {
    #[context_entry(carrier = message.headers)]
    async fn handle(&mut self, message: Message) -> String {
        self.0 += message.headers.iter().len();
        format!("{} {}", id(), self.0)
    }
}

#[context_entry(carrier = message.headers)]
fn boxed(message: Message) -> Pin<Box<dyn Future<Output = String> + Send>> {
    Box::pin(async move { format!("{} {}", id(), message.headers.iter().len()) })
}

#[tokio::test]
async fn methods_and_boxed_futures() {
    let mut counting: Box<dyn Handler> = Box::new(Counting(0));
    assert_eq!(counting.handle(Message::of("a")).await, "a 1");
    assert_eq!(counting.handle(Message::of("b")).await, "b 2");
    assert_eq!(boxed(Message::of("c")).await, "c 1");
}

/// The call and the returned future are one entry.
#[test]
fn a_returned_future_runs_in_the_scope_of_its_call() {
    static MADE: AtomicUsize = AtomicUsize::new(0);

    fn make() -> RequestId {
        MADE.fetch_add(1, Ordering::Relaxed);
        RequestId::new_v4()
    }

    type Seen = Pin<Box<dyn Future<Output = (String, Option<String>)> + Send>>;

    #[context_entry(carrier = headers, generate = make, set(TENANT = "acme".to_owned()))]
    fn boxed(headers: &HashMap<String, String>, expected: &mut String) -> Seen {
        let _ = headers;
        assert_eq!(TENANT.get().as_deref(), Some("acme"));
        TENANT.set("written".to_owned());
        *expected = id();
        Box::pin(async { (id(), TENANT.get()) })
    }

    #[context_entry(carrier = headers, generate = make)]
    fn opaque(
        headers: &HashMap<String, String>,
        early: bool,
    ) -> impl Future<Output = (String, String)> + use<> {
        let _ = headers;
        let expected = id();
        if early {
            return futures::future::ready(expected.clone())
                .map(move |at_call| (at_call, id()))
                .boxed();
        }
        async move { (expected, id()) }.boxed()
    }

    struct Shop;
    #[async_trait]
    trait Visit {
        async fn visit(&self, headers: HashMap<String, String>) -> Option<String>;
    }
    #[async_trait]
    impl Visit for Shop {
        #[context_entry(carrier = headers, generate = make, set(TENANT = "acme".to_owned()))]
        async fn visit(&self, headers: HashMap<String, String>) -> Option<String> {
            drop(headers);
            TENANT.get()
        }
    }

    let none = HashMap::new();
    let mut expected = String::new();
    let future = boxed(&none, &mut expected);
    let (found, tenant) = block_on(future);
    assert_eq!((found, tenant.as_deref()), (expected, Some("acme")));
    for early in [true, false] {
        let (at_call, in_future) = block_on(opaque(&none, early));
        assert_eq!(at_call, in_future);
    }
    assert_eq!(block_on(Shop.visit(none)).as_deref(), Some("acme"));
    assert_eq!(MADE.load(Ordering::Relaxed), 4, "one id for each call");
}

#[test]
fn a_returned_stream_runs_in_the_scope_of_its_call() {
    #[context_entry(carrier = headers, set(TENANT = "acme".to_owned()))]
    fn opaque(headers: &HashMap<String, String>) -> impl Stream<Item = String> + use<> {
        let _ = headers;
        futures::stream::repeat_with(|| format!("{} {:?}", id(), TENANT.get())).take(2)
    }
    #[context_entry(carrier = headers)]
    fn boxed(headers: &HashMap<String, String>) -> BoxStream<'static, String> {
        let _ = headers;
        Box::pin(futures::stream::once(async { id() }))
    }
    let stream = opaque(&headers("a"));
    assert_eq!(
        block_on(stream.collect::<Vec<_>>()),
        ["a Some(\"acme\")"; 2]
    );
    let stream = boxed(&headers("b"));
    assert_eq!(block_on(stream.collect::<Vec<_>>()), ["b"]);
}

/// A missing value is the error of the future.
#[test]
fn a_returned_future_reports_a_missing_value() {
    #[context_entry(carrier = headers, required)]
    fn boxed(
        headers: &HashMap<String, String>,
    ) -> Pin<Box<dyn Future<Output = Result<String, MissingValue>> + Send>> {
        let _ = headers;
        Box::pin(async { Ok(id()) })
    }
    assert_eq!(block_on(boxed(&headers("a"))).unwrap(), "a");
    let error = block_on(boxed(&HashMap::new())).unwrap_err();
    assert_eq!(error.key(), "x-request-id");
}

#[context_entry(header = "X-Request-ID")]
async fn service(request: Request<Vec<u8>>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(format!(
        "{} {}",
        id(),
        request.into_body().len()
    )))
}

#[context_entry(header = "X-Request-ID", required)]
async fn strict(request: Request<()>) -> Response<String> {
    Response::new(format!("{} {}", id(), request.headers().len()))
}

#[tokio::test]
async fn a_plain_service_keeps_its_types() {
    let request = Request::builder()
        .header("x-request-id", "a")
        .body(vec![1, 2])
        .unwrap();
    let response: Response<String> = service(request).await.unwrap();
    assert_eq!(
        (
            response.body().as_str(),
            &response.headers()["x-request-id"]
        ),
        ("a 2", &"a".parse::<http::HeaderValue>().unwrap())
    );

    let response = strict(Request::new(())).await;
    assert_eq!(response.status(), 400);
    assert!(
        response
            .body()
            .contains("the header `x-request-id` is missing")
    );
}
