//! Every option of `#[context_entry]`, on axum handlers.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use propagate_context::{ContextVar, RequestId, context_entry};

use crate::support::wire::{get as fetch, id, serve};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
static LEVEL: ContextVar<u8> = ContextVar::new("level").header("x-level");

#[context_entry(header = "X-Request-ID", vars = [TENANT, LEVEL], required = [TENANT])]
async fn requires() -> String {
    format!(
        "{} {}",
        TENANT.get().unwrap_or_default(),
        LEVEL.get().unwrap_or_default()
    )
}

#[tokio::test]
async fn a_missing_required_value_is_rejected_by_name() {
    let address = serve(Router::new().route("/", get(requires))).await;
    let answer = fetch(address, "/", &[("x-tenant", b"acme"), ("x-level", b"3")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "acme 3"));
    // A value that does not parse is ignored, and the other values are kept.
    let answer = fetch(address, "/", &[("x-tenant", b"acme"), ("x-level", b"300")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "acme 0"));

    for (headers, detail) in [
        (&[][..], "the header `x-tenant` is missing"),
        // An error in another header does not matter.
        (
            &[("x-request-id", &b"not valid"[..])][..],
            "the header `x-tenant` is missing",
        ),
        (
            &[("x-tenant", &b""[..])][..],
            "the header `x-tenant` is empty",
        ),
        (
            &[("x-tenant", &b"a"[..]), ("x-tenant", b"b")][..],
            "the header `x-tenant` occurs 2 times",
        ),
    ] {
        let answer = fetch(address, "/", headers).await;
        assert_eq!(
            (answer.status, &answer.all("content-type")[..]),
            (400, &["application/problem+json"][..])
        );
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["status"], 400);
        assert_eq!(problem["detail"], detail);
        assert_eq!(answer.id().len(), 36, "a refusal has an id as well");
    }
}

#[context_entry(header = "X-Request-ID", required)]
async fn requires_an_id() -> String {
    id()
}

#[context_entry(generate = uuid_v7)]
async fn sortable() -> String {
    id()
}

fn numbered() -> RequestId {
    RequestId::try_from("made-by-us").unwrap()
}

#[context_entry(header = ["X-Correlation-ID", "X-Request-ID"], generate = numbered)]
async fn own_maker() -> String {
    id()
}

#[context_entry(generate = RequestId::try_from(&*query["order"]).unwrap())]
async fn of_its_arguments(Query(query): Query<HashMap<String, String>>) -> String {
    format!("{} {}", id(), query.len())
}

#[context_entry(generate = none)]
async fn makes_none() -> String {
    format!("[{}]", id())
}

#[context_entry(echo = false)]
async fn silent() -> String {
    id()
}

#[context_entry(trust = false, vars = [TENANT])]
async fn at_the_edge() -> String {
    format!("{}{}", id().len(), TENANT.get().unwrap_or_default())
}

/// The address of a server that answers `path` with `handler`.
async fn route<H, T>(path: &str, handler: H) -> std::net::SocketAddr
where
    H: axum::handler::Handler<T, ()>,
    T: 'static,
{
    serve(Router::new().route(path, get(handler))).await
}

#[tokio::test]
async fn required_rejects_a_request_without_an_id() {
    let address = route("/", requires_an_id).await;
    let answer = fetch(address, "/", &[]).await;
    assert_eq!(
        (answer.status, answer.all("x-request-id").len()),
        (400, 0),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("the header `x-request-id` is missing"));
    let accepted = fetch(address, "/", &[("x-request-id", b"a")]).await;
    assert_eq!(accepted.body, "a");
}

#[tokio::test]
async fn generate_uuid_v7_generates_ids_of_that_version() {
    let address = route("/", sortable).await;
    assert_eq!(fetch(address, "/", &[]).await.body.as_bytes()[14], b'7');
}

#[tokio::test]
async fn generate_with_a_path_calls_that_function() {
    let address = route("/", own_maker).await;
    let answer = fetch(address, "/", &[]).await;
    assert_eq!(
        (answer.body.as_str(), &answer.all("x-correlation-id")[..]),
        ("made-by-us", &["made-by-us"][..])
    );
}

#[tokio::test]
async fn several_headers_are_read_in_order_and_the_first_is_the_response_header() {
    let address = route("/", own_maker).await;
    let answer = fetch(address, "/", &[("x-request-id", b"second")]).await;
    assert_eq!(
        (answer.body.as_str(), &answer.all("x-correlation-id")[..]),
        ("second", &["second"][..])
    );
    let both: &[(&str, &[u8])] = &[("x-request-id", b"second"), ("x-correlation-id", b"first")];
    assert_eq!(fetch(address, "/", both).await.body, "first");
    let both: &[(&str, &[u8])] = &[
        ("x-request-id", b"second"),
        ("x-correlation-id", b"not valid"),
    ];
    assert_eq!(fetch(address, "/", both).await.body, "second");
}

#[tokio::test]
async fn generate_with_an_expression_sees_the_arguments() {
    let address = route("/", of_its_arguments).await;
    let answer = fetch(address, "/?order=order-7", &[]).await;
    assert_eq!(
        (answer.body.as_str(), answer.id()),
        ("order-7 1", "order-7")
    );
}

#[tokio::test]
async fn generate_none_generates_no_id() {
    let address = route("/", makes_none).await;
    let answer = fetch(address, "/", &[]).await;
    assert_eq!(
        (answer.body.as_str(), answer.all("x-request-id").len()),
        ("[]", 0)
    );
}

#[tokio::test]
async fn echo_false_sets_no_response_header() {
    let address = route("/", silent).await;
    let answer = fetch(address, "/", &[("x-request-id", b"a")]).await;
    assert_eq!(
        (answer.body.as_str(), answer.all("x-request-id").len()),
        ("a", 0)
    );
}

#[tokio::test]
async fn trust_false_reads_nothing() {
    let address = route("/", at_the_edge).await;
    let sent: &[(&str, &[u8])] = &[("x-request-id", b"a"), ("x-tenant", b"acme")];
    let answer = fetch(address, "/", sent).await;
    assert_eq!((answer.body.as_str(), answer.id().len()), ("36", 36));
}
