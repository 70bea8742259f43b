//! How one variable comes in: transformed, validated, bounded, and by declaration or not at all.

use propagate_context::entry::{Entry, Inbound};
use propagate_context::{ContextVar, REQUEST_ID};

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
fn a_transformed_value_is_checked_again() {
    let braces = |text: &str| text.trim_matches(['{', '}']).to_owned();
    let entry = Entry::new().take(Inbound::new(&REQUEST_ID).transform(braces));
    assert_eq!(id(&entry, "{order-7}"), "order-7");
    assert_eq!(id(&entry, "{}").len(), 36);

    for odd in ["two words", "a\nb", "", "\u{202e}"] {
        let entry = Entry::new().take(Inbound::new(&REQUEST_ID).transform(|_| odd.to_owned()));
        assert_eq!(id(&entry, "order-7").len(), 36, "{odd:?}");
    }
    let entry = Entry::new().take(Inbound::new(&REQUEST_ID).transform(|text| text.repeat(100)));
    assert_eq!(id(&entry, "order-7").len(), 36);
}

/// A type of the user's that takes any text gets none that has not passed.
#[test]
fn a_transformed_text_is_checked_again() {
    let tenant = |made: &'static str| {
        let inbound = Inbound::new(&TENANT)
            .max_len(8)
            .transform(move |_| made.to_owned());
        let entry = Entry::new().take(inbound);
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
fn a_validator_comes_on_top() {
    let entry =
        Entry::new().take(Inbound::new(&REQUEST_ID).validate(|text| text.starts_with("order-")));
    assert_eq!(id(&entry, "order-7"), "order-7");
    assert_eq!(id(&entry, "job-7").len(), 36);
    assert_eq!(id(&entry, "order- 7").len(), 36);
}

#[test]
fn a_length_of_ones_own() {
    let entry = Entry::new().take(Inbound::new(&TENANT).max_len(4));
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
fn the_header_goes_before_the_baggage() {
    let entry = Entry::new().take(&LEVEL);
    let level = |values: &[(&str, &str)]| entry.open(&message(values)).unwrap().get(&LEVEL);
    assert_eq!(level(&[("x-level", "1"), ("baggage", "level=2")]), Some(1));
    assert_eq!(
        level(&[("x-level", "999"), ("baggage", "level=2")]),
        Some(2)
    );
    assert_eq!(level(&[("baggage", "level=2")]), Some(2));
}

#[test]
fn a_trace_is_taken_unless_it_is_turned_off() {
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
fn a_variable_that_nothing_can_bring_is_a_mistake() {
    let _ = Entry::new().take(&NOWHERE);
}

#[test]
fn a_header_given_here_will_do() {
    let entry = Entry::new().take(Inbound::new(&NOWHERE).header("x-nowhere"));
    let context = entry.open(&message(&[("x-nowhere", "here")])).unwrap();
    assert_eq!(context.get(&NOWHERE).as_deref(), Some("here"));
    // Taken in, and by its declaration not sent on.
    let mut out = message(&[]);
    context.inject(&mut out);
    assert!(out.iter().all(|(key, _)| key != "x-nowhere"));
}

#[test]
#[should_panic(expected = "`x nowhere` cannot be the name of a header")]
fn an_impossible_header_is_a_mistake() {
    let _ = Inbound::new(&NOWHERE).header("x nowhere");
}
