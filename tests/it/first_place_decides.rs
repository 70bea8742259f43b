//! An invalid value in the first source ends the search: a client cannot invalidate the value of a proxy so that its
//! own value is accepted from another source.

use actix_web::{App, web};
use axum::Router;
use axum::routing::get;
use propagate_context::entry::{Entry, Inbound};
use propagate_context::http::{ContextLayer, ContextMiddleware};
use propagate_context::{ContextVar, REQUEST_ID, context_entry};

use crate::support::wire::{Answer, get as ask, id, serve};

static ROLE: ContextVar<String> = ContextVar::new("role").header("x-role").baggage("role");
static LEVEL: ContextVar<u8> = ContextVar::new("level").header("x-level").baggage("level");

type Headers<'h> = &'h [(&'h str, &'h [u8])];

const MEMBERS: (&str, &[u8]) = ("baggage", b"role=admin,level=9");

/// The sent headers, and the accepted value.
const CASES: &[(Headers<'_>, &str)] = &[
    (&[MEMBERS], "admin 9"),
    (&[("x-role", b"user"), ("x-level", b"1"), MEMBERS], "user 1"),
    (&[("x-role", b"user"), ("x-role", b"user"), MEMBERS], "- 9"),
    (&[("x-role", b""), ("x-level", b""), MEMBERS], "- -"),
    (&[("x-role", b"\xff"), ("x-level", b"300"), MEMBERS], "- -"),
    (&[("x-role", b"us\ter"), ("x-level", b"no"), MEMBERS], "- -"),
    (&[("baggage", b"role=admin,role=admin,level=9")], "- 9"),
    // A member that cannot be parsed still counts as present.
    (&[("baggage", b"role=admin,role=us er,level=9")], "- 9"),
    (&[("baggage", b"role=u\"ser,role=admin,level=9")], "- 9"),
    (&[("baggage", b"role=user;=p,role=admin,level=9")], "- 9"),
    (&[("baggage", b"role=admin,role,level=9")], "- 9"),
    (
        &[MEMBERS, ("baggage", b"other=\xff,role=user,level=9")],
        "- -",
    ),
];

fn seen() -> String {
    let role = ROLE.get().unwrap_or("-".to_owned());
    let level = LEVEL
        .get()
        .map_or("-".to_owned(), |level| level.to_string());
    format!("{role} {level}")
}

#[context_entry(vars = [ROLE, LEVEL])]
async fn entry() -> String {
    seen()
}

fn assert_all(what: &str, sent: Headers<'_>, answer: &Answer, accepted: &str) {
    assert_eq!(
        (answer.status, &*answer.body),
        (200, accepted),
        "{what}: {sent:?}"
    );
}

#[tokio::test]
async fn at_the_layer_the_middleware_and_the_entry() {
    let layer = ContextLayer::new().extract(&ROLE).extract(&LEVEL);
    let app = Router::new().route("/", get(async || seen())).layer(layer);
    let by_layer = serve(app).await;
    let by_entry = serve(Router::new().route("/", get(entry))).await;
    let by_middleware = crate::entry_actix::serve(|| {
        App::new()
            .wrap(ContextMiddleware::new().extract(&ROLE).extract(&LEVEL))
            .route("/", web::get().to(async || seen()))
    });
    for (sent, accepted) in CASES {
        for (what, address) in [
            ("layer", by_layer),
            ("entry", by_entry),
            ("actix", by_middleware),
        ] {
            assert_all(what, sent, &ask(address, "/", sent).await, accepted);
        }
    }
}

/// A client cannot make a proxy's member exceed a limit so that its own member is read.
#[test]
fn in_baggage_that_exceeds_its_limits() {
    let open = |baggage: String| {
        let message = vec![("baggage".to_owned(), baggage)];
        let entry = Entry::new().extract(&ROLE);
        entry.open(&message).unwrap().get(&ROLE)
    };
    let members: Vec<_> = (0..63).map(|n| format!("k{n}=v")).collect();
    let members = members.join(",");
    assert_eq!(
        open(format!("role=user,{members}")).as_deref(),
        Some("user")
    );
    assert_eq!(open(format!("role=admin,{members},role=user")), None);
    let large = "x".repeat(8_170);
    assert_eq!(open(format!("role=admin,k={large},role=user")), None);
    assert_eq!(open(format!("role=admin,role={large}")), None);
}

#[test]
fn in_a_message() {
    let open = |message: &[(&str, &str)]| {
        let message: Vec<_> = message
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let entry = Entry::new().extract(&ROLE).extract(&LEVEL);
        entry.open(&message).unwrap().sync_scope(seen)
    };
    let members = ("baggage", "role=admin,level=9");
    assert_eq!(open(&[members]), "admin 9");
    assert_eq!(open(&[("X-Role", ""), ("x-level", "300"), members]), "- -");
    assert_eq!(open(&[("X-Role", "a"), ("x-role", "a"), members]), "- 9");
}

/// For variables other than the id, an additional header is another source as well.
#[test]
fn among_several_headers_of_a_variable() {
    let open = |headers: &[(&'static str, &'static str)]| {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, http::HeaderValue::from_static(value));
        }
        let role = Inbound::new(&ROLE).headers(["x-verified-role", "x-role"]);
        Entry::new().extract(role).open(&map).unwrap().get(&ROLE)
    };
    assert_eq!(open(&[("x-role", "user")]).as_deref(), Some("user"));
    assert_eq!(open(&[("x-verified-role", ""), ("x-role", "admin")]), None);
    let twice = [
        ("x-verified-role", "a"),
        ("x-verified-role", "a"),
        ("x-role", "admin"),
    ];
    assert_eq!(open(&twice), None);
}

/// For an id, the next header is read, because the alternative is a new id, and any valid id is as good as that.
#[tokio::test]
async fn the_headers_of_an_id_are_read_in_order() {
    let id_headers = Inbound::new(&REQUEST_ID).headers(["x-request-id", "x-correlation-id"]);
    let layer = ContextLayer::new().extract(id_headers);
    let app = Router::new().route("/", get(async || id())).layer(layer);
    let address = serve(app).await;
    let sent: Headers<'_> = &[("x-request-id", b"not valid"), ("x-correlation-id", b"c")];
    assert_eq!(ask(address, "/", sent).await.body, "c");
    let sent: Headers<'_> = &[
        ("x-request-id", b"not valid"),
        ("x-correlation-id", b"neither valid"),
    ];
    assert_eq!(ask(address, "/", sent).await.body.len(), 36);
}
