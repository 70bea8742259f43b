//! The layer removes the headers of the variables from an untrusted request, so that no inner code can rely on them,
//! regardless of how it accesses the headers.

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use propagate_context::entry::{Entry, Inbound};
use propagate_context::http::{ContextLayer, ContextMiddleware};
use propagate_context::traceparent::TRACEPARENT;
use propagate_context::{ContextVar, REQUEST_ID, RequestId, context_entry, propagate_context};

use crate::support::wire::{Answer, get as ask, id, serve};

static TENANT: ContextVar<String> = ContextVar::new("tenant")
    .header("x-tenant")
    .baggage("tenant");

const SENT: &[(&str, &[u8])] = &[
    ("x-request-id", b"evil"),
    ("x-request-id", b"evil-2"),
    ("x-tenant", b"evil"),
    ("baggage", b"other=1, tenant=evil;p=q, tenant = evil"),
    ("baggage", b"tenant=evil"),
    (
        "traceparent",
        b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
    ("tracestate", b"vendor=evil"),
    ("x-plain", b"kept"),
];

/// The variables of entries that the layer does not know.
const CLEANED: &str = "x-propagate-context-cleaned";

/// Returns the headers that a handler sees, and the values in its scope.
fn seen(headers: &HeaderMap) -> String {
    let mut all: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "host" | "connection" | CLEANED))
        .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
        .collect();
    all.sort();
    format!(
        "{} {:?} {:?} {}",
        id(),
        TENANT.get(),
        TRACEPARENT.get().is_some(),
        all.join(" ")
    )
}

async fn plain(headers: HeaderMap) -> String {
    seen(&headers)
}

#[context_entry(vars = [TENANT])]
async fn hidden_extractor() -> String {
    format!(
        "{} {:?} {:?}",
        id(),
        TENANT.get(),
        TRACEPARENT.get().is_some()
    )
}

#[context_entry(vars = [TENANT])]
async fn header_map(headers: HeaderMap) -> String {
    seen(&headers)
}

/// In the scope of a request that any of its entries does not trust, no entry reads other headers either.
#[tokio::test]
async fn distrust_holds_for_the_rest_of_the_request() {
    #[context_entry(vars = [TENANT])]
    async fn read(headers: HeaderMap) -> Option<String> {
        assert!(!headers.is_empty());
        TENANT.get()
    }
    let mut sent = HeaderMap::new();
    sent.insert("x-tenant", "acme".parse().unwrap());
    let respond = |tenant| http::Response::new(tenant);
    for (outer, inner) in [(true, true), (true, false), (false, true), (false, false)] {
        let [outer_entry, inner_entry] = [outer, inner].map(|trust| Entry::new().trust(trust));
        let (mut headers, mut extensions) = (HeaderMap::new(), http::Extensions::new());
        let accepted = outer_entry.accept(&mut headers, &mut extensions);
        let handle = async {
            let accepted = inner_entry.accept(&mut headers, &mut extensions);
            let handle = async { respond(read(sent.clone()).await.into_inner()) };
            let response = accepted.serve(handle, http::Response::headers_mut).await;
            respond(response.unwrap().into_body())
        };
        let response = accepted.serve(handle, http::Response::headers_mut).await;
        let tenant = response.unwrap().into_body();
        assert_eq!(tenant.is_some(), outer && inner, "{outer} {inner}");
    }
}

/// A spawn that is not annotated loses the scope.
async fn bare_task(headers: HeaderMap) -> String {
    let spawned = tokio::spawn(header_map(headers)).await.unwrap();
    spawned.into_inner()
}

async fn child(headers: HeaderMap) -> String {
    let spawned = propagate_context::task::spawn(header_map(headers));
    spawned.await.unwrap().into_inner()
}

async fn rebuild(request: Request, next: Next) -> axum::response::Response {
    let mut rebuilt = Request::new(axum::body::Body::empty());
    *rebuilt.uri_mut() = request.uri().clone();
    *rebuilt.headers_mut() = request.headers().clone();
    next.run(rebuilt).await
}

const PATHS: [&str; 5] = ["/plain", "/hidden", "/headers", "/bare", "/child"];

fn routes() -> Router {
    Router::new()
        .route("/plain", get(plain))
        .route("/hidden", get(hidden_extractor))
        .route("/headers", get(header_map))
        .route("/bare", get(bare_task))
        .route("/child", get(child))
}

fn doubting() -> ContextLayer {
    ContextLayer::new().extract(&TENANT).trust(|_| false)
}

fn assert_clean(case: &str, answer: &Answer) {
    assert_eq!(answer.status, 200, "{case}");
    assert!(!answer.body.contains("evil"), "{case}: {}", answer.body);
    assert!(!answer.body.contains("true"), "{case}: {}", answer.body);
    assert!(!answer.all("x-request-id").contains(&"evil"), "{case}");
}

#[tokio::test]
async fn no_inner_code_sees_the_untrusted_values() {
    let apps: [(&str, Router); 4] = [
        ("alone", routes().layer(doubting())),
        (
            "rebuilt",
            routes().layer(from_fn(rebuild)).layer(doubting()),
        ),
        (
            "second layer",
            routes()
                .layer(ContextLayer::new().extract(&TENANT))
                .layer(doubting()),
        ),
        (
            "second layer of a rebuilt request",
            routes()
                .layer(ContextLayer::new().extract(&TENANT))
                .layer(from_fn(rebuild))
                .layer(doubting()),
        ),
    ];
    for (case, app) in apps {
        let address = serve(app).await;
        for path in PATHS {
            let answer = ask(address, path, SENT).await;
            assert_clean(&format!("{case} {path}"), &answer);
            assert_eq!(answer.id().len(), 36, "{case} {path}");
        }
        let answer = ask(address, "/plain", SENT).await;
        let id = answer.id();
        assert_eq!(
            answer.body,
            format!("{id} None false baggage=other=1 x-plain=kept x-request-id={id}"),
            "{case}"
        );
    }
}

/// The layer does not provide an id, so its scope is empty and its children start new contexts.
#[tokio::test]
async fn a_layer_that_extracts_nothing_removes_headers_too() {
    let nothing = [
        doubting().without(&REQUEST_ID),
        doubting().extract(Inbound::new(&REQUEST_ID).generate_none()),
        // An entry that has been created in this program names `TENANT`, so the layer knows it.
        ContextLayer::new()
            .extract(&TENANT)
            .without(&TENANT)
            .without(&REQUEST_ID)
            .trust(|_| false),
    ];
    for layer in nothing {
        let address = serve(routes().layer(layer)).await;
        for path in PATHS {
            assert_clean(path, &ask(address, path, SENT).await);
        }
    }
}

/// Encoded members and members with spaces are removed, too, because other parsers of `baggage` decode or trim them.
#[tokio::test]
async fn encoded_members_are_removed() {
    let address = serve(routes().layer(doubting())).await;
    for member in [
        &b"%74enant=evil"[..],
        b"tenan%74=evil;p",
        b"TENANT=evil",
        b"%54ENANT=evil",
        b"tenant%20=evil",
        b"\tTenant\t=evil",
        b"\xc2\xa0tenant=evil",
        b"tenant\xe3\x80\x80=evil",
        b"tenant;p=evil",
        b"tenant=evil;\"",
        b"\xffx=1,tenant=evil",
    ] {
        let sent: &[(&str, &[u8])] = &[("baggage", member), ("baggage", b"other=1")];
        let answer = ask(address, "/plain", sent).await;
        let baggage = answer
            .body
            .split(' ')
            .filter(|header| header.starts_with("baggage="));
        assert_eq!(
            baggage.collect::<Vec<_>>(),
            ["baggage=other=1"],
            "{}",
            member.escape_ascii()
        );
    }
}

/// `#[context_entry]` creates its entry at the first call: inside the layer, which does not know the entry's variables,
/// and where the scope of the request has been lost.
#[tokio::test]
async fn an_entry_unknown_to_the_layer_reads_nothing_from_the_request() {
    macro_rules! first_call {
        ($name:literal, $spawn:path) => {{
            static LATE: ContextVar<String> = ContextVar::new("late").header($name).baggage($name);
            #[context_entry(vars = [LATE])]
            async fn late(headers: HeaderMap) -> String {
                drop(headers);
                format!("{:?} {}", LATE.get(), id())
            }
            async fn handler(headers: HeaderMap) -> String {
                $spawn(late(headers)).await.unwrap().into_inner()
            }
            let member = concat!($name, "=evil");
            let sent: &[(&str, &[u8])] = &[
                ($name, b"evil"),
                ("baggage", member.as_bytes()),
                ("x-request-id", b"evil"),
            ];
            let layer = ContextLayer::new().without(&REQUEST_ID).trust(|_| false);
            let app = Router::new().route("/", get(handler)).layer(layer);
            let untrusted = serve(app).await;
            for _ in 0..2 {
                let answer = ask(untrusted, "/", sent).await;
                assert!(answer.body.starts_with("None "), "{}", answer.body);
                assert!(!answer.body.contains("evil"), "{}", answer.body);
            }
            // If another process has set the header, it says nothing about the layers of this process.
            let trusted = serve(Router::new().route("/", get(handler))).await;
            let sent = [sent, &[(CLEANED, b"0-0")]].concat();
            let answer = ask(trusted, "/", &sent).await;
            assert_eq!(answer.body, "Some(\"evil\") evil");
        }};
    }
    first_call!("x-late-in-a-bare-task", tokio::spawn);
    first_call!("x-late-in-a-child", propagate_context::task::spawn);
}

#[tokio::test]
async fn a_trusted_request_keeps_its_headers() {
    let layer = ContextLayer::new()
        .extract(&TENANT)
        .trust(|parts| parts.headers.contains_key("x-plain"));
    let address = serve(routes().layer(layer)).await;
    let sent = &SENT[1..];
    let answer = ask(address, "/plain", sent).await;
    assert_eq!(answer.id(), "evil-2");
    for (name, value) in sent {
        let value = std::str::from_utf8(value).unwrap();
        assert!(
            answer.body.contains(&format!("{name}={value}")),
            "{name}: {}",
            answer.body
        );
    }
}

/// Inner code reads the accepted or generated id in the header, and no other id.
#[tokio::test]
async fn every_request_contains_the_accepted_id() {
    type Headers<'h> = &'h [(&'h str, &'h [u8])];
    let read = async |headers: HeaderMap, id: axum::Extension<RequestId>| {
        let all: Vec<_> = ["x-request-id", "x-correlation-id"]
            .iter()
            .flat_map(|name| headers.get_all(*name))
            .map(|value| value.to_str().unwrap())
            .collect();
        format!("{} {}", id.0, all.join(","))
    };
    let layer = ContextLayer::new()
        .extract(Inbound::new(&REQUEST_ID).headers(["x-request-id", "x-correlation-id"]));
    let address = serve(Router::new().route("/", get(read)).layer(layer)).await;
    let cases: [(Headers<'_>, &str); 6] = [
        (&[("x-request-id", b"a")], "{id} {id}"),
        (&[], "{id} {id}"),
        (&[("x-request-id", b"not valid")], "{id} {id}"),
        (
            &[("x-request-id", b"a"), ("x-request-id", b"b")],
            "{id} {id}",
        ),
        (&[("x-correlation-id", b"c")], "{id} {id},{id}"),
        (
            &[("x-request-id", b"no no"), ("x-correlation-id", b"c")],
            "{id} {id},{id}",
        ),
    ];
    for (sent, expected) in cases {
        let answer = ask(address, "/", sent).await;
        assert_eq!(
            answer.body,
            expected.replace("{id}", answer.id()),
            "{sent:?}"
        );
    }

    let untouched = ContextLayer::new().extract(Inbound::new(&REQUEST_ID).write_request(false));
    let address = serve(Router::new().route("/", get(read)).layer(untouched)).await;
    let answer = ask(address, "/", &[("x-request-id", b"not valid")]).await;
    assert_eq!(answer.body, format!("{} not valid", answer.id()));
}

#[tokio::test]
async fn the_id_of_an_untrusted_client_can_be_kept_under_another_name() {
    let layer = || {
        ContextLayer::new()
            .extract(Inbound::new(&REQUEST_ID).keep_as("x-client-request-id"))
            .trust(|_| false)
    };
    let read = async |headers: HeaderMap| {
        format!(
            "{:?}",
            headers
                .get("x-client-request-id")
                .map(|value| value.to_str().unwrap().to_owned())
        )
    };
    let address = serve(Router::new().route("/", get(read)).layer(layer())).await;
    let forged: (&str, &[u8]) = ("x-client-request-id", b"forged");
    for (sent, kept) in [
        (
            &[("x-request-id", &b"theirs"[..]), forged][..],
            "Some(\"theirs\")",
        ),
        (&[("x-request-id", &b"not valid"[..]), forged], "None"),
        (&[forged], "None"),
    ] {
        let answer = ask(address, "/", sent).await;
        assert_eq!((&*answer.body, answer.id().len()), (kept, 36));
    }
}

/// The same for actix-web handlers.
#[tokio::test]
async fn the_actix_middleware_removes_and_writes_the_same_headers() {
    use actix_web::{App, HttpRequest, web};

    fn seen(request: &HttpRequest) -> String {
        let mut all: Vec<_> = request
            .headers()
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "host" | "connection" | CLEANED))
            .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
            .collect();
        all.sort();
        format!("{} {:?} {}", id(), TENANT.get(), all.join(" "))
    }
    #[context_entry(vars = [TENANT])]
    async fn entry(request: HttpRequest) -> String {
        seen(&request)
    }
    #[context_entry(vars = [TENANT])]
    async fn hidden() -> String {
        format!("{} {:?}", id(), TENANT.get())
    }
    #[context_entry(carrier = headers, vars = [TENANT])]
    async fn of_headers(headers: actix_web::http::header::HeaderMap) -> String {
        drop(headers);
        format!("{:?}", TENANT.get())
    }
    let address = crate::entry_actix::serve(|| {
        let spawned = async |request: HttpRequest| {
            let headers = request.headers().clone();
            actix_web::rt::spawn(of_headers(headers)).await.unwrap()
        };
        App::new()
            .wrap(ContextMiddleware::new().extract(&TENANT).trust(|_| false))
            .route(
                "/plain",
                web::get().to(async |request: HttpRequest| seen(&request)),
            )
            .route("/entry", web::get().to(entry))
            .route("/hidden", web::get().to(hidden))
            .route("/bare", web::get().to(spawned))
    });
    for path in ["/plain", "/entry", "/hidden", "/bare"] {
        assert_clean(path, &ask(address, path, SENT).await);
    }
    let answer = ask(address, "/plain", SENT).await;
    let id = answer.id();
    assert_eq!(
        answer.body,
        format!("{id} None baggage=other=1 x-plain=kept x-request-id={id}")
    );
}

/// Tasks that an annotated handler spawns inherit the generated id, not the client's.
#[tokio::test]
async fn children_inherit_the_generated_id() {
    #[propagate_context]
    async fn spawns() -> String {
        tokio::spawn(async { id() }).await.unwrap()
    }
    let address = serve(Router::new().route("/", get(spawns)).layer(doubting())).await;
    let answer = ask(address, "/", SENT).await;
    assert_eq!(answer.body, answer.id());
}
