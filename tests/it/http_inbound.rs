//! How a single variable is extracted: transformed, validated, limited, and with or without a declared header.

use propagate_context::entry::{Entry, Inbound, MAX_BYTES};
use propagate_context::{Context, ContextVar, Propagator, REQUEST_ID};

use crate::support::wire::Log;

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
static LEVEL: ContextVar<u8> = ContextVar::new("level").header("x-level").baggage("level");
static NOWHERE: ContextVar<String> = ContextVar::new("nowhere");

fn message(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn id(entry: &Entry, value: &str) -> String {
    let context = entry.open(&message(&[("x-request-id", value)])).unwrap();
    context.get(&REQUEST_ID).unwrap().to_string()
}

#[test]
fn a_transformed_value_is_validated_again() {
    let braces = |text: &str| text.trim_matches(['{', '}']).to_owned();
    let entry = Entry::new().extract(Inbound::new(&REQUEST_ID).transform(braces));
    assert_eq!(id(&entry, "{order-7}"), "order-7");
    assert_eq!(id(&entry, "{}").len(), 36);

    for odd in ["two words", "a\nb", "", "\u{202e}"] {
        let entry = Entry::new().extract(Inbound::new(&REQUEST_ID).transform(|_| odd.to_owned()));
        assert_eq!(id(&entry, "order-7").len(), 36, "{odd:?}");
    }
    let entry = Entry::new().extract(Inbound::new(&REQUEST_ID).transform(|text| text.repeat(100)));
    assert_eq!(id(&entry, "order-7").len(), 36);
}

/// A type that accepts any text only receives validated text.
#[test]
fn a_transformed_text_is_validated_before_it_is_parsed() {
    let tenant = |made: &'static str| {
        let inbound = Inbound::new(&TENANT)
            .max_len(8)
            .transform(move |_| made.to_owned());
        let entry = Entry::new().extract(inbound);
        entry
            .open(&message(&[("x-tenant", "acme")]))
            .unwrap()
            .get(&TENANT)
    };
    assert_eq!(tenant("ACME").as_deref(), Some("ACME"));
    for odd in ["", "two\nlines", "\u{9b}", "nine byte"] {
        assert_eq!(tenant(odd), None, "{odd:?}");
    }
}

#[test]
fn a_validator_is_an_additional_check() {
    let entry =
        Entry::new().extract(Inbound::new(&REQUEST_ID).validate(|text| text.starts_with("order-")));
    assert_eq!(id(&entry, "order-7"), "order-7");
    assert_eq!(id(&entry, "job-7").len(), 36);
    assert_eq!(id(&entry, "order- 7").len(), 36);
}

#[test]
fn max_len_replaces_the_default_length() {
    let entry = Entry::new().extract(Inbound::new(&TENANT).max_len(4));
    let tenant = |value| {
        entry
            .open(&message(&[("X-Tenant", value)]))
            .unwrap()
            .get(&TENANT)
    };
    assert_eq!(
        (tenant("acme").as_deref(), tenant("acme5")),
        (Some("acme"), None)
    );
}

#[test]
fn the_header_takes_precedence_over_baggage() {
    let entry = Entry::new().extract(&LEVEL);
    let level = |values: &[(&str, &str)]| entry.open(&message(values)).unwrap().get(&LEVEL);
    assert_eq!(level(&[("x-level", "1"), ("baggage", "level=2")]), Some(1));
    assert_eq!(level(&[("x-level", "999"), ("baggage", "level=2")]), None);
    assert_eq!(level(&[("baggage", "level=2")]), Some(2));
}

#[test]
fn a_trace_is_read_unless_turned_off() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let sent = message(&[("traceparent", parent)]);
    let taken = |entry: Entry| {
        entry
            .open(&sent)
            .unwrap()
            .get(&propagate_context::traceparent::TRACEPARENT)
            .is_some()
    };
    assert!(taken(Entry::new()));
    assert!(!taken(Entry::new().trace_context(false)));
    assert!(!taken(Entry::new().trust(false)));
}

#[test]
#[should_panic(expected = "`nowhere` has neither a header nor a baggage key")]
fn a_variable_without_a_key_is_an_error() {
    let _ = Entry::new().extract(&NOWHERE);
}

#[test]
fn a_header_can_be_given_to_inbound() {
    let entry = Entry::new().extract(Inbound::new(&NOWHERE).header("x-nowhere"));
    let context = entry.open(&message(&[("x-nowhere", "here")])).unwrap();
    assert_eq!(context.get(&NOWHERE).as_deref(), Some("here"));
    // The variable is extracted, but not sent, because its declaration does not say so.
    let mut out = message(&[]);
    context.inject(&mut out);
    assert!(out.iter().all(|(key, _)| key != "x-nowhere"));
}

#[test]
#[should_panic(expected = "`x nowhere` is not a valid header name")]
fn an_invalid_header_name_panics() {
    let _ = Inbound::new(&NOWHERE).header("x nowhere");
}

/// Lines about a carrier have the id that the carrier receives.
#[test]
fn the_lines_about_a_carrier_have_its_id() {
    let log = Log::capture();
    let entry = Entry::new().extract(&LEVEL);
    let sent = message(&[("x-request-id", "two words"), ("baggage", "level=7,broken")]);
    let context = entry.open(&sent).unwrap();
    let lines = log.take();
    let id = context.get(&REQUEST_ID).unwrap().to_string();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for line in &lines {
        assert_eq!(line.id().as_deref(), Some(&*id), "{lines:#?}");
    }
}

/// Limits apply to the parsed length of values, and include the properties of baggage members.
#[test]
fn all_input_is_bounded() {
    static NOTED: ContextVar<String> = ContextVar::new("noted").baggage("noted");
    static BIG: [ContextVar<String>; 3] = [const { ContextVar::new("big").header("x-tenant") }; 3];

    let sent = message(&[
        ("x-tenant", "t"),
        ("baggage", &format!("noted=a;{}", "p".repeat(5000))),
    ]);
    let sent_on = |entry: Entry| {
        let mut out = message(&[]);
        entry.open(&sent).unwrap().inject(&mut out);
        out.iter().map(|(_, value)| value.len()).sum::<usize>()
    };
    let grows = |times| {
        Inbound::new(&TENANT)
            .max_len(8000)
            .transform(move |text| text.repeat(times))
    };
    let alone = sent_on(Entry::empty().extract(&NOTED));
    assert_eq!(alone, "noted=a;".len() + 5000);
    assert_eq!(
        sent_on(Entry::empty().extract(&NOTED).extract(grows(3000))),
        alone + 3000
    );
    // In this case, the properties are dropped.
    assert_eq!(
        sent_on(Entry::empty().extract(&NOTED).extract(grows(4000))),
        "noted=a".len() + 4000
    );

    let entry = BIG.iter().fold(Entry::empty(), |entry, big| {
        entry.extract(
            Inbound::new(big)
                .max_len(8000)
                .transform(|text| text.repeat(4000)),
        )
    });
    let context = entry.open(&sent).unwrap();
    let taken = BIG.iter().filter(|big| context.get(*big).is_some());
    assert_eq!(taken.count(), MAX_BYTES / 4000);
}

#[test]
fn a_missing_value_is_reported_with_its_source() {
    static MEMBER: ContextVar<u8> = ContextVar::new("member").baggage("level");
    let told = |entry: Entry, values| {
        let missing = entry.open(&message(values)).unwrap_err();
        format!("{}: {missing}", missing.key())
    };
    let id = || {
        let id = Inbound::new(&REQUEST_ID).headers(["x-request-id", "x-correlation-id"]);
        Entry::empty().extract(id.required())
    };
    assert_eq!(
        told(id(), &[]),
        "x-request-id: the header `x-request-id` is missing"
    );
    assert_eq!(
        told(id(), &[("x-correlation-id", "two words")]),
        "x-correlation-id: the header `x-correlation-id` is not valid: the id has a character at byte 3 that is not one of \
         `[A-Za-z0-9._:@/+=-]`"
    );
    let member = || Entry::empty().extract(Inbound::new(&MEMBER).required());
    assert_eq!(
        told(member(), &[]),
        "level: the baggage member `level` is missing"
    );
    assert_eq!(
        told(member(), &[("baggage", "level=high")]),
        "level: the baggage member `level` does not parse (4 bytes)"
    );
}

/// The encoding of a map of text is known, but not the encoding of a header.
#[test]
fn text_round_trips() {
    let propagator = Propagator::new().with_variable(&TENANT);
    let context = Context::empty().with(&TENANT, "M\u{fc}ller".to_owned());
    let mut out = message(&[]);
    propagator.inject(&context, &mut out);
    assert_eq!(
        propagator.extract(&out).get(&TENANT).as_deref(),
        Some("M\u{fc}ller")
    );
    let map = propagator.to_map(&context);
    assert_eq!(
        propagator.extract(&map).get(&TENANT).as_deref(),
        Some("M\u{fc}ller")
    );

    let mut headers = http::HeaderMap::new();
    propagator.inject(&context, &mut headers);
    assert!(headers.is_empty());
    headers.insert(
        "x-tenant",
        http::HeaderValue::from_bytes("M\u{fc}ller".as_bytes()).unwrap(),
    );
    assert_eq!(propagator.extract(&headers).get(&TENANT), None);
    assert_eq!(
        propagator
            .extract(&message(&[("x-tenant", "a\u{85}b")]))
            .get(&TENANT),
        None
    );
}
