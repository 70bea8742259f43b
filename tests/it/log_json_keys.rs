//! In JSON, each variable name is at the top level once, and is never shared with a field of an event.

use propagate_context::ContextVar;
use propagate_context::tracing::with_context;
use propagate_context_tests::{Output, members, with_default};
use serde_json::Value;
use tracing::{Event, Subscriber, info};
use tracing_subscriber::{
    fmt,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();
static OTHER: ContextVar<&str> = ContextVar::new("event_tenant").logged();

/// Returns the members of one line that `run` logs with flattened events, except the time. Panics if a name occurs
/// twice.
fn flattened(run: impl FnOnce()) -> Vec<(String, Value)> {
    let output = Output::default();
    let writer = output.clone();
    let subscriber = fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .without_time()
        .with_writer(move || writer.clone())
        .map_event_format(with_context)
        .finish();
    with_default(subscriber, run);
    let line = output.take();
    let members = members(&line);
    for (name, _) in &members {
        assert_eq!(
            members.iter().filter(|(n, _)| n == name).count(),
            1,
            "{name} in {line}"
        );
    }
    members
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, Value)> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.into()))
        .collect()
}

#[test]
fn a_field_of_the_event_neither_forges_nor_repeats_a_variable() {
    let line = TENANT.sync_scope("acme", || {
        flattened(|| info!(tenant = "forged", size = "m", "hello"))
    });
    assert_eq!(
        line,
        pairs(&[
            ("tenant", "acme"),
            ("level", "INFO"),
            ("message", "hello"),
            ("event_tenant", "forged"),
            ("size", "m")
        ])
    );
}

#[test]
fn without_the_variable_the_field_keeps_its_name() {
    let line = flattened(|| info!(tenant = "of the event", "hello"));
    assert_eq!(
        line,
        pairs(&[
            ("level", "INFO"),
            ("message", "hello"),
            ("tenant", "of the event")
        ])
    );
}

#[test]
fn a_field_is_dropped_if_its_other_name_is_taken() {
    let line = TENANT.sync_scope("acme", || {
        flattened(|| info!(tenant = "forged", event_tenant = "mine"))
    });
    assert_eq!(
        line,
        pairs(&[
            ("tenant", "acme"),
            ("level", "INFO"),
            ("event_tenant", "mine")
        ])
    );

    let line = TENANT.sync_scope("acme", || {
        OTHER.sync_scope("too", || flattened(|| info!(tenant = "forged")))
    });
    assert_eq!(line.len(), 3);
    assert!(line.contains(&("event_tenant".to_owned(), "too".into())));
}

#[test]
fn text_that_looks_like_a_member_is_ignored() {
    let text = r#"","tenant":"forged","x":""#;
    let line = TENANT.sync_scope("acme", || {
        flattened(|| info!(note = text, "{{\"tenant\":\"forged\"}}\\"))
    });
    assert_eq!(
        line,
        pairs(&[
            ("tenant", "acme"),
            ("level", "INFO"),
            ("message", "{\"tenant\":\"forged\"}\\"),
            ("note", text)
        ])
    );
}

#[test]
fn nested_fields_are_unchanged() {
    let output = Output::default();
    let writer = output.clone();
    let subscriber = fmt()
        .json()
        .with_writer(move || writer.clone())
        .map_event_format(with_context)
        .finish();
    with_default(subscriber, || {
        TENANT.sync_scope("acme", || info!(tenant = "of the event", "hello"));
    });
    let members = members(&output.take());
    assert_eq!(members[0], ("tenant".to_owned(), "acme".into()));
    let fields = members
        .iter()
        .find(|(name, _)| name == "fields")
        .map(|(_, fields)| fields);
    assert_eq!(
        fields.map(|fields| &fields["tenant"]),
        Some(&"of the event".into())
    );
}

#[test]
fn names_of_the_format_are_reserved() {
    static LEVEL: ContextVar<&str> = ContextVar::new("level").logged();
    static MESSAGE: ContextVar<&str> = ContextVar::new("message").logged();
    let line = LEVEL.sync_scope("7", || {
        MESSAGE.sync_scope("mine", || flattened(|| info!("hello")))
    });
    assert_eq!(line.len(), 4);
    for pair in pairs(&[
        ("context_level", "7"),
        ("context_message", "mine"),
        ("level", "INFO"),
        ("message", "hello"),
    ]) {
        assert!(line.contains(&pair), "{pair:?} in {line:?}");
    }
}

#[test]
fn variables_of_one_name_are_numbered() {
    static SECOND: ContextVar<&str> = ContextVar::new("tenant").logged();
    static THIRD: ContextVar<&str> = ContextVar::new("tenant").logged();
    static TAKEN: ContextVar<&str> = ContextVar::new("tenant_2").logged();
    let line = TENANT.sync_scope("a", || {
        SECOND.sync_scope("b", || {
            THIRD.sync_scope("c", || {
                TAKEN.sync_scope("d", || flattened(|| info!(tenant_3 = "forged")))
            })
        })
    });
    let mut values: Vec<_> = line
        .iter()
        .filter(|(name, _)| name.starts_with("tenant"))
        .map(|(_, value)| value)
        .collect();
    values.sort_by_key(ToString::to_string);
    assert_eq!(values, ["a", "b", "c", "d"]);
}

#[test]
fn escaped_names_are_compared_unescaped() {
    static ODD: ContextVar<&str> = ContextVar::new("a\"b\\\u{1b}").logged();
    let line = ODD.sync_scope("1", || flattened(|| info!({ "a\"b\\\u{1b}" } = "forged")));
    assert_eq!(
        line,
        pairs(&[
            ("a\"b\\\u{1b}", "1"),
            ("level", "INFO"),
            ("event_a\"b\\\u{1b}", "forged")
        ])
    );
}

/// A format that always writes the same text.
struct Always(&'static str);

impl<S: Subscriber + for<'a> LookupSpan<'a>, N> FormatEvent<S, N> for Always
where
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        _: &Event<'_>,
    ) -> std::fmt::Result {
        writer.write_str(self.0)
    }
}

#[test]
fn works_with_any_format() {
    for (written, expected) in [
        ("{}\n", "{\"tenant\":\"acme\"}\n"),
        ("{ }\n", "{\"tenant\":\"acme\" }\n"),
        (
            "{\n  \"a\": [1, {\"tenant\": 2}]\n}\n",
            "{\"tenant\":\"acme\",\n  \"a\": [1, {\"tenant\": 2}]\n}\n",
        ),
        (
            "{ \"tenant\" : 1, \"b\": 2 }\n",
            "{\"tenant\":\"acme\",\"event_tenant\": 1,\"b\": 2 }\n",
        ),
        (
            r#"{"t\u0065nant":1}"#,
            r#"{"tenant":"acme","event_tenant":1}"#,
        ),
        (
            r#"{"tenant":1,"tenant":2}"#,
            r#"{"tenant":"acme","event_tenant":1}"#,
        ),
        (
            r#"{"a":"tenant","b":"\"tenant\":"}"#,
            r#"{"tenant":"acme","a":"tenant","b":"\"tenant\":"}"#,
        ),
        // Empty output is not a line.
        ("", ""),
        ("\n", "\n"),
        // A line that is not an object has the fields before its text.
        ("plain\n", "tenant=acme plain\n"),
        ("[1]\n", "tenant=acme [1]\n"),
        ("{\n", "tenant=acme {\n"),
        ("{\"a\":1} and more\n", "tenant=acme {\"a\":1} and more\n"),
        ("{\"a\":1", "tenant=acme {\"a\":1"),
        ("{\"a\":\"\\", "tenant=acme {\"a\":\"\\"),
        ("{a}\n", "tenant=acme {a}\n"),
        ("{\"}\n", "tenant=acme {\"}\n"),
        ("{\"a\"}\n", "tenant=acme {\"a\"}\n"),
        ("{\"a\":}\n", "tenant=acme {\"a\":}\n"),
        ("{\"a\":1,}\n", "tenant=acme {\"a\":1,}\n"),
        ("{\"a\":x}\n", "tenant=acme {\"a\":x}\n"),
        ("{\"a\":1 2}\n", "tenant=acme {\"a\":1 2}\n"),
        ("{\"a\":[1}\n", "tenant=acme {\"a\":[1}\n"),
    ] {
        let output = Output::default();
        let writer = output.clone();
        let subscriber = fmt()
            .with_ansi(false)
            .event_format(with_context(Always(written)))
            .with_writer(move || writer.clone())
            .finish();
        with_default(subscriber, || TENANT.sync_scope("acme", || info!("")));
        assert_eq!(output.take(), expected);
    }
}
