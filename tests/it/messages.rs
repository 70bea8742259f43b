//! A context in messages and jobs: only malformed values are dropped, and all sizes are limited.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use propagate_context::traceparent::{TRACEPARENT, TRACESTATE};
use propagate_context::{
    Carrier, CarrierMut, Context, ContextMap, ContextVar, Propagator, REQUEST_ID, RequestId, inject,
};
use serde::{Deserialize, Serialize};

use crate::support::wire::Log;

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");
static ATTEMPT: ContextVar<u32> = ContextVar::new("attempt").header("x-attempt");
static REGION: ContextVar<String> = ContextVar::new("region").baggage("region");
static SECRET: ContextVar<String> = ContextVar::new("secret");

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn propagator() -> Propagator {
    Propagator::new()
        .with_variable(&TENANT)
        .with_variable(&ATTEMPT)
        .with_variable(&REGION)
}

fn context(id: &str) -> Context {
    Context::empty()
        .with(&REQUEST_ID, RequestId::try_from(id).unwrap())
        .with(&TENANT, "acme".to_owned())
        .with(&ATTEMPT, 3)
        .with(&REGION, "Zürich".to_owned())
        .with(&SECRET, "hush".to_owned())
}

fn round_trip<C: CarrierMut + Default>() {
    let mut carrier = C::default();
    propagator().inject(&context("a"), &mut carrier);
    let got = propagator().extract(&carrier);
    assert_eq!(got.get(&REQUEST_ID).unwrap().as_ref(), "a");
    assert_eq!(
        (got.get(&TENANT).as_deref(), got.get(&ATTEMPT)),
        (Some("acme"), Some(3))
    );
    assert_eq!(
        (got.get(&REGION).as_deref(), got.get(&SECRET)),
        (Some("Zürich"), None)
    );
    // Injecting again over the existing values does not duplicate them.
    propagator().inject(&context("b"), &mut carrier);
    assert_eq!(
        propagator()
            .extract(&carrier)
            .get(&REQUEST_ID)
            .unwrap()
            .as_ref(),
        "a"
    );
}

#[test]
fn works_with_every_carrier() {
    round_trip::<HashMap<String, String>>();
    round_trip::<BTreeMap<String, String>>();
    round_trip::<Vec<(String, String)>>();
    round_trip::<http::HeaderMap>();
    round_trip::<ContextMap>();
}

fn replaces<C: CarrierMut + Default>() {
    let mut carrier = C::default();
    carrier.insert("X-Tenant", "first").unwrap();
    carrier.insert("x-tenant", "second").unwrap();
    let mut values = Vec::new();
    carrier.visit("X-TENANT", &mut |value| values.push(value.to_vec()));
    assert_eq!(values, [b"second"]);
}

#[test]
fn keys_are_case_insensitive() {
    replaces::<HashMap<String, String>>();
    replaces::<BTreeMap<String, String>>();
    replaces::<Vec<(String, String)>>();
    replaces::<http::HeaderMap>();
    replaces::<ContextMap>();
}

/// A header map accepts more than the crate writes, so that the other end can read the written values.
#[test]
fn a_header_map_holds_printable_ascii() {
    let mut headers = http::HeaderMap::new();
    for value in ["a\tb", "a\nb", "\u{e4}", "\u{7f}"] {
        assert!(
            CarrierMut::insert(&mut headers, "x-tenant", value).is_err(),
            "{value:?}"
        );
    }
    let refused = CarrierMut::insert(&mut headers, "x tenant", "acme").unwrap_err();
    assert_eq!(refused.to_string(), "the key is not the name of a header");
    assert!(headers.is_empty());
}

/// Optional HTTP headers are treated like HTTP headers, whose encoding is unknown, and not like a map of text.
#[test]
fn an_optional_carrier_is_of_the_kind_of_its_content() {
    let mut headers = http::HeaderMap::new();
    headers.insert(
        "x-tenant",
        http::HeaderValue::from_bytes("m\u{fc}ller".as_bytes()).unwrap(),
    );
    let text = vec![("x-tenant".to_owned(), "m\u{fc}ller".to_owned())];
    assert_eq!(propagator().extract(&Some(headers)).get(&TENANT), None);
    assert!(propagator().extract(&Some(text)).get(&TENANT).is_some());
    assert!(propagator().extract(&None::<http::HeaderMap>).is_empty());
}

/// A map could hold these values, but a wire format or a log could not.
#[test]
fn values_that_a_header_cannot_hold_are_not_sent() {
    for value in ["", "two\r\nlines", "\u{1b}[31m", "\u{9b}"] {
        let mut out = HashMap::new();
        TENANT.sync_scope(value.to_owned(), || inject(&mut out));
        assert!(out.is_empty(), "{value:?}");
    }
}

#[test]
fn only_the_invalid_entry_is_dropped() {
    let log = Log::capture();
    let message = BTreeMap::from(
        [
            ("x-request-id", "two words"),
            ("x-attempt", "three"),
            ("X-TENANT", "acme"),
            ("x-unknown", "anything"),
            ("baggage", "region=eu,broken,=,a=b=c\u{7f}"),
            (
                "traceparent",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            ),
            ("tracestate", "vendor=1"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    let got = propagator().extract(&message);
    assert_eq!(
        (got.get(&TENANT).as_deref(), got.get(&REGION).as_deref()),
        (Some("acme"), Some("eu"))
    );
    assert!(got.get(&REQUEST_ID).is_none() && got.get(&ATTEMPT).is_none());
    assert!(got.get(&TRACEPARENT).is_none() && got.get(&TRACESTATE).is_none());
    let lines = log.take();
    assert_eq!(
        lines.iter().filter(|line| line.says("DEBUG")).count(),
        2,
        "{lines:#?}"
    );
    assert_eq!(
        lines.iter().filter(|line| line.says("WARN")).count(),
        1,
        "{lines:#?}"
    );
    assert!(
        lines
            .iter()
            .all(|line| !line.says("three") && !line.says("two words")),
        "{lines:#?}"
    );
}

#[test]
fn the_total_size_is_limited_in_both_directions() {
    static BIG: [ContextVar<String>; 12] = [
        ContextVar::new("big0").header("x-big-0"),
        ContextVar::new("big1").header("x-big-1"),
        ContextVar::new("big2").header("x-big-2"),
        ContextVar::new("big3").header("x-big-3"),
        ContextVar::new("big4").header("x-big-4"),
        ContextVar::new("big5").header("x-big-5"),
        ContextVar::new("big6").header("x-big-6"),
        ContextVar::new("big7").header("x-big-7"),
        ContextVar::new("big8").header("x-big-8"),
        ContextVar::new("big9").header("x-big-9"),
        ContextVar::new("big10").header("x-big-10"),
        ContextVar::new("big11").header("x-big-11"),
    ];
    let log = Log::capture();
    let full = BIG.iter().fold(Context::empty(), |context, var| {
        context.with(var, "x".repeat(1000))
    });
    let mut carrier = HashMap::new();
    full.inject(&mut carrier);
    assert_eq!(carrier.len(), 8);
    assert_eq!(
        log.take().iter().filter(|line| line.says("WARN")).count(),
        1
    );

    let all: HashMap<_, _> = (0..12)
        .map(|n| (format!("x-big-{n}"), "x".repeat(1000)))
        .collect();
    let propagator = BIG
        .iter()
        .fold(Propagator::new(), Propagator::with_variable);
    let got = propagator.extract(&all);
    assert_eq!(BIG.iter().filter(|var| got.get(*var).is_some()).count(), 8);
}

/// The limit is the last byte that is sent, and dropped values are counted.
#[test]
fn a_message_may_be_as_large_as_the_limit() {
    static FIRST: ContextVar<String> = ContextVar::new("first").header("x-first");
    static SECOND: ContextVar<String> = ContextVar::new("second").header("x-second");
    let sent = |bytes: usize| {
        let second = "x".repeat(bytes - "x-first".len() - 1 - "x-second".len());
        let context = Context::empty().with(&FIRST, "1".to_owned());
        let mut message = HashMap::new();
        context.with(&SECOND, second).inject(&mut message);
        message.len()
    };
    let log = Log::capture();
    assert_eq!(sent(8192), 2);
    assert!(log.take().is_empty());
    assert_eq!(sent(8193), 1);
    let lines = log.take();
    assert!(
        lines.len() == 1 && lines[0].says("left 1 values"),
        "{lines:#?}"
    );
}

#[derive(Serialize, Deserialize)]
struct Job {
    context: ContextMap,
    order: u32,
}

#[test]
fn a_job_contains_its_context() {
    let job = Job {
        context: propagator().to_map(&context("a")),
        order: 7,
    };
    let text = serde_json::to_string(&job).unwrap();
    let job: Job = serde_json::from_str(&text).unwrap();
    let got = propagator().extract(&job.context);
    assert_eq!(
        (
            got.get(&REQUEST_ID).unwrap().as_ref(),
            got.get(&TENANT).as_deref(),
            job.order
        ),
        ("a", Some("acme"), 7)
    );
}

/// Foreign entries do not make the job fail.
#[test]
fn unexpected_entries_in_a_payload_are_skipped() {
    let odd = r#"{"context":{"x-request-id":7,"X-Tenant":"acme","x-attempt":null,"list":[1,{"a":[]}],"map":{"b":{}},"t":true,"f":1.5},"order":9}"#;
    let job: Job = serde_json::from_str(odd).unwrap();
    let got = propagator().extract(&job.context);
    assert_eq!((got.get(&TENANT).as_deref(), job.order), (Some("acme"), 9));

    let none: Job = serde_json::from_str(r#"{"context":null,"order":9}"#).unwrap();
    assert!(none.context.is_empty());
    let wrong = serde_json::from_str::<Job>(r#"{"context":7,"order":9}"#).map(|job| job.order);
    let wrong = wrong.unwrap_err().to_string();
    assert!(wrong.contains("expected a map of strings"), "{wrong}");
}

#[test]
fn one_line_says_how_many_entries_of_a_payload_were_dropped() {
    let log = Log::capture();
    let read = |text: &str| serde_json::from_str::<ContextMap>(text).unwrap();
    assert_eq!(read(r#"{"a":"1"}"#).into_map().len(), 1);
    assert!(log.take().is_empty());
    assert_eq!(
        read(r#"{"a":"1","b":2,"c":[],"d":"4"}"#).into_map().len(),
        2
    );
    let lines = log.take();
    assert!(
        lines.len() == 1 && lines[0].says("2 entries are not text"),
        "{lines:#?}"
    );
}

#[test]
fn the_size_of_a_payload_is_limited() {
    for length in [1, 1000] {
        let many: BTreeMap<String, String> = (0..1000)
            .map(|n| (format!("k{n}"), "v".repeat(length)))
            .collect();
        let huge = serde_json::json!({ "context": many, "order": 1 }).to_string();
        let job: Job = serde_json::from_str(&huge).unwrap();
        let bytes: usize = job
            .context
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        assert!((1..=ContextMap::MAX_ENTRIES).contains(&job.context.iter().count()));
        assert!(bytes <= ContextMap::MAX_BYTES);
    }
}

/// Both limits are the last that is read.
#[test]
fn a_payload_may_be_as_large_as_its_limits() {
    let read = |entries: Vec<(String, String)>| {
        let payload: BTreeMap<_, _> = entries.into_iter().collect();
        let payload = serde_json::to_string(&payload).unwrap();
        serde_json::from_str::<ContextMap>(&payload).unwrap()
    };
    for count in [ContextMap::MAX_ENTRIES, ContextMap::MAX_ENTRIES + 1] {
        let entries = (0..count).map(|n| (format!("k{n}"), "v".to_owned()));
        let map = read(entries.collect());
        assert_eq!(map.iter().count(), ContextMap::MAX_ENTRIES);
    }
    for (bytes, kept) in [(ContextMap::MAX_BYTES, 2), (ContextMap::MAX_BYTES + 1, 1)] {
        let second = "v".repeat(bytes - "a1b".len());
        let entries = [("a", "1"), ("b", &second)];
        let entries = entries.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(read(entries.to_vec()).iter().count(), kept);
    }
}

#[test]
fn a_trace_is_forwarded_verbatim() {
    let message = [
        ("traceparent", PARENT),
        ("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec();
    let got = propagator().extract(&message);
    let mut out = Vec::new();
    got.inject(&mut out);
    out.sort();
    assert_eq!(out, message);

    // A tracer writes its own position, so the `tracestate` of the old position is not sent.
    let own = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
    let mut out = vec![("traceparent".to_owned(), own.to_owned())];
    got.inject(&mut out);
    assert_eq!(out.len(), 1);
}

/// A `Display` implementation may return an error, which makes `to_string` panic.
#[test]
fn a_value_whose_display_fails_is_dropped() {
    struct Mute;
    impl FromStr for Mute {
        type Err = fmt::Error;
        fn from_str(_: &str) -> Result<Self, fmt::Error> {
            Ok(Self)
        }
    }
    impl fmt::Display for Mute {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    static HEADER: ContextVar<Mute> = ContextVar::new("mute").header("x-mute");
    static MEMBER: ContextVar<Mute> = ContextVar::new("mute").baggage("mute");

    let log = Log::capture();
    let context = context("a").with(&HEADER, Mute).with(&MEMBER, Mute);
    let mut out = HashMap::new();
    context.inject(&mut out);
    assert_eq!((out.get("x-mute"), &*out["X-Tenant"]), (None, "acme"));
    assert_eq!(out["baggage"], "region=Z%C3%BCrich");
    let lines = log.take();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines.iter().all(|line| line.says("does not write itself")));
}

#[test]
fn the_current_context_as_a_map() {
    let map = TENANT.sync_scope("acme".to_owned(), ContextMap::current);
    assert!(!map.is_empty());
    let map: Vec<_> = map.into_map().into_iter().collect();
    assert_eq!(map, [("X-Tenant".to_owned(), "acme".to_owned())]);
    assert!(ContextMap::current().is_empty());
}

#[test]
fn what_is_not_to_be_extracted_is_not() {
    let mut message = HashMap::new();
    context("a").inject(&mut message);
    let context = propagator().without(&REQUEST_ID).extract(&message);
    assert_eq!(context.get(&REQUEST_ID), None);
    assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
}

/// What a request's parts are a part of, and references, are carriers as their headers are.
#[test]
fn requests_and_references_are_carriers() {
    fn insert(mut carrier: impl CarrierMut) {
        carrier.insert("X-Tenant", "acme").unwrap();
    }
    fn tenant(carrier: impl Carrier) -> Option<String> {
        propagator().extract(&carrier).get(&TENANT)
    }
    let mut request = http::Request::new(());
    insert(request.headers_mut());
    assert_eq!(tenant(&request).as_deref(), Some("acme"));
    assert_eq!(tenant(&mut request).as_deref(), Some("acme"));
    // Bytes beyond ASCII are text in a map, and nobody knows what in a header of HTTP.
    let foreign = http::HeaderValue::from_bytes("m\u{fc}ller".as_bytes()).unwrap();
    request.headers_mut().insert("x-tenant", foreign);
    assert_eq!(tenant(&mut request), None);
    let values = |carrier: &dyn Carrier| {
        let mut values = Vec::new();
        carrier.visit("x-tenant", &mut |value| values.push(value.to_vec()));
        values
    };
    assert_eq!(values(&request), ["m\u{fc}ller".as_bytes()]);
    let (mut parts, ()) = request.into_parts();
    assert_eq!(tenant(&parts), None);
    insert(&mut parts.headers);
    assert_eq!(values(&parts), [b"acme"]);
    assert_eq!(values(&&mut parts), [b"acme"]);
    assert_eq!(tenant(parts).as_deref(), Some("acme"));
}

#[test]
fn outside_every_scope_nothing_is_sent() {
    let mut out = HashMap::new();
    inject(&mut out);
    assert!(out.is_empty());
}
