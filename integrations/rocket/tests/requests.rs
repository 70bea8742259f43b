//! Everything that belongs to a request has the same id.

#![expect(clippy::unused_async, reason = "handlers of servers are asynchronous")]

use propagate_context::entry::Inbound;
use propagate_context::http::ContextLayer;
use propagate_context::{ContextVar, REQUEST_ID, RequestId, context_entry, propagate_context};
use propagate_context_rocket::{ContextFairing, catchers_in_scope, routes_in_scope};
use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::response::stream::TextStream;
use rocket::{Request, catch, catchers, get, routes};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");

fn id() -> String {
    REQUEST_ID
        .get()
        .as_ref()
        .map_or("-", RequestId::as_str)
        .to_owned()
}

#[get("/show")]
#[propagate_context]
async fn show() -> String {
    let spawned = rocket::tokio::spawn(async { id() }).await.unwrap();
    format!("{} {spawned} {}", id(), TENANT.get().unwrap_or_default())
}

#[get("/panic")]
async fn panics() -> &'static str {
    panic!("on purpose")
}

#[get("/error")]
async fn error() -> Result<&'static str, Status> {
    Err(Status::ImATeapot)
}

#[get("/stream")]
async fn streams() -> TextStream![String] {
    TextStream! {
        rocket::tokio::task::yield_now().await;
        yield id();
        let _last = ReadsInDrop;
        rocket::tokio::task::yield_now().await;
    }
}

struct ReadsInDrop;

impl Drop for ReadsInDrop {
    fn drop(&mut self) {
        assert_eq!(id().len(), 7, "{}", id());
    }
}

#[get("/entry")]
#[context_entry(layer)]
async fn entry() -> String {
    id()
}

/// The first of two routes for the same path. It forwards to the second.
#[get("/forward", rank = 1)]
async fn forwards(_never: Never) -> &'static str {
    "never"
}

#[get("/forward", rank = 2)]
async fn forwarded() -> String {
    id()
}

struct Never;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Never {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Forward(Status::NotFound)
    }
}

/// The headers as read by a request guard.
struct Raw(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Raw {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let read = |name| request.headers().get_one(name).unwrap_or_default();
        assert_eq!(read("x-request-id"), id());
        let seen = format!(
            "{} {} {}",
            read("x-request-id"),
            read("x-tenant"),
            read("baggage")
        );
        Outcome::Success(Self(seen))
    }
}

#[get("/raw")]
async fn raw(raw: Raw) -> String {
    raw.0
}

#[catch(404)]
async fn not_found() -> String {
    id()
}

async fn client(layer: ContextLayer) -> Client {
    let rocket = rocket::build()
        .attach(ContextFairing::new(layer))
        .mount(
            "/",
            routes_in_scope(routes![show, panics, error, streams, entry]),
        )
        .mount("/", routes_in_scope(routes![forwards, forwarded, raw]))
        .mount("/bare", routes![show])
        .register("/", catchers_in_scope(catchers![not_found]));
    Client::untracked(rocket).await.unwrap()
}

/// Returns the status, the id and the body of the response.
async fn ask(
    client: &Client,
    path: &'static str,
    headers: &[(&'static str, &'static str)],
) -> (u16, String, String) {
    let mut request = client.get(path);
    for (name, value) in headers {
        request = request.header(Header::new(*name, *value));
    }
    let response = request.dispatch().await;
    let ids: Vec<_> = response.headers().get("x-request-id").collect();
    let (status, id) = (response.status().code, ids.join(","));
    (status, id, response.into_string().await.unwrap_or_default())
}

const SENT: &[(&str, &str)] = &[("x-request-id", "order-7"), ("x-tenant", "acme")];

#[rocket::async_test]
async fn one_id_everywhere() {
    let client = client(ContextLayer::new().extract(&TENANT)).await;
    for (path, status, body) in [
        ("/show", 200, "order-7 order-7 acme"),
        ("/stream", 200, "order-7"),
        ("/entry", 200, "order-7"),
        ("/forward", 200, "order-7"),
        ("/missing", 404, "order-7"),
    ] {
        let expected = (status, "order-7".to_owned(), body.to_owned());
        assert_eq!(ask(&client, path, SENT).await, expected, "{path}");
    }
    for (path, status) in [("/panic", 500), ("/error", 418)] {
        let (answered, id, _) = ask(&client, path, SENT).await;
        assert_eq!((answered, &*id), (status, "order-7"), "{path}");
    }
    let (_, made, body) = ask(&client, "/show", &[("x-request-id", "no id")]).await;
    assert_eq!((made.len(), body), (36, format!("{made} {made} ")));
}

#[rocket::async_test]
async fn a_missing_value_is_rejected_with_the_id() {
    let client = client(ContextLayer::new().extract(Inbound::new(&TENANT).required())).await;
    let (status, id, body) = ask(&client, "/show", &[("x-request-id", "order-7")]).await;
    assert_eq!((status, &*id), (400, "order-7"));
    assert!(body.contains("x-tenant"), "{body}");
    assert_eq!(ask(&client, "/show", SENT).await.0, 200);
    // No route matches, so the request is not rejected, and the catcher has the id.
    let expected = (404, "order-7".to_owned(), "order-7".to_owned());
    let answered = ask(&client, "/missing", &[("x-request-id", "order-7")]).await;
    assert_eq!(answered, expected);
}

#[rocket::async_test]
async fn untrusted_headers_become_empty() {
    static TEAM: ContextVar<String> = ContextVar::new("team").baggage("team");
    let layer = ContextLayer::new()
        .extract(&TENANT)
        .extract(&TEAM)
        .trust(|parts| parts.method == "GET" && parts.uri.query() == Some("trusted"));
    let client = client(layer).await;
    let sent = [
        ("x-request-id", "order-7"),
        ("x-tenant", "acme"),
        ("baggage", "team=red,a=b"),
    ];
    let (_, made, seen) = ask(&client, "/raw", &sent).await;
    assert_eq!((made.len(), seen), (36, format!("{made}  a=b")));
    let (_, id, seen) = ask(&client, "/raw?trusted", &sent).await;
    assert_eq!((&*id, &*seen), ("order-7", "order-7 acme team=red,a=b"));
}

#[rocket::async_test]
async fn skipped_routes_have_no_id() {
    let client = client(ContextLayer::new().skip(|parts| parts.uri.path() == "/show")).await;
    let expected = (200, String::new(), "- - ".to_owned());
    assert_eq!(ask(&client, "/show", SENT).await, expected);
}

/// As documented: with only the fairing, the response has an id, but the handler has none, and rocket logs a warning.
#[rocket::async_test]
async fn a_route_that_is_not_wrapped_has_no_id() {
    let client = client(ContextLayer::new()).await;
    let expected = (200, "order-7".to_owned(), "- - ".to_owned());
    assert_eq!(ask(&client, "/bare/show", SENT).await, expected);
}

#[rocket::async_test]
async fn a_wrapped_route_without_the_fairing_is_an_error() {
    let rocket = rocket::build().mount("/", routes_in_scope(routes![show]));
    let client = Client::untracked(rocket).await.unwrap();
    assert_eq!(ask(&client, "/show", SENT).await.0, 500);
}
