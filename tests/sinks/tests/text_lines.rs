//! A line of text cannot be forged: no part of an event can impersonate a variable or a separate line.

use std::fmt;

use propagate_context::ContextVar;
use propagate_context::tracing::with_context;
use propagate_context_sinks::{FORMATS, Output};
use propagate_context_tests::with_default;
use tracing::{Event, Subscriber, error_span, info};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

const TEXTS: [&str; 4] = ["full", "full, colours", "compact", "pretty"];

/// Returns the output of each text format while `run` logs in the context of a tenant.
fn each(run: fn()) -> Vec<(&'static str, String)> {
    TEXTS
        .iter()
        .map(|name| {
            let (name, subscriber) = FORMATS
                .into_iter()
                .find(|(known, _)| known == name)
                .unwrap();
            let output = Output::default();
            with_default(subscriber(&output, true), || TENANT.sync_scope("acme", run));
            (name, output.take())
        })
        .collect()
}

/// Returns the number of lines that a format writes for an event without line breaks.
fn lines_of(name: &str, written: &str) -> usize {
    if name == "pretty" {
        written.matches("    at ").count()
    } else {
        written.lines().count()
    }
}

#[test]
fn a_line_break_in_a_message_cannot_start_a_line() {
    for (name, written) in
        each(|| info!("placed\n2026-11-28T00:00:00Z  INFO tenant=evil it: forged"))
    {
        assert_eq!(lines_of(name, &written), 1, "{name}: {written}");
        assert!(written.contains("placed\\n2026"), "{name}: {written}");
        assert!(
            !written
                .lines()
                .any(|line| line.starts_with("2026-11-28T00:00:00Z"))
        );
    }
}

#[test]
fn a_line_break_in_a_field_or_a_span_cannot_start_a_line() {
    for (name, written) in each(|| {
        let input = "x\n\r\nINFO tenant=evil";
        let span = error_span!("request", input = %input);
        let _entered = span.enter();
        info!(input = %input, quoted = input, "placed");
        info!(message = input);
    }) {
        assert!(
            !written.lines().any(|line| line.starts_with("INFO")),
            "{name}: {written}"
        );
        assert!(!written.contains('\r'), "{name}: {written:?}");
    }
}

#[test]
fn a_field_with_the_name_of_a_variable_gets_another_name() {
    for (name, written) in each(|| {
        info!(
            tenant = "forged",
            items = 3,
            ok = true,
            ratio = 0.5,
            "placed"
        )
    }) {
        let plain = written
            .replace("\x1b[3m", "")
            .replace("\x1b[2m", "")
            .replace("\x1b[0m", "");
        assert!(plain.contains("event_tenant"), "{name}: {written}");
        assert_eq!(plain.matches("tenant=acme").count(), 1, "{name}: {written}");
        assert!(!plain.contains(" tenant=\"forged\""), "{name}: {written}");
        for other in ["items", "3", "ok", "true", "ratio", "0.5", "placed"] {
            assert!(plain.contains(other), "{name}: {other} in {written}");
        }
    }
}

#[test]
fn a_field_is_dropped_if_its_other_name_is_taken() {
    for (name, written) in each(|| info!(tenant = "forged", event_tenant = "mine", "placed")) {
        assert!(!written.contains("forged"), "{name}: {written}");
        assert!(written.contains("mine"), "{name}: {written}");
    }
}

#[test]
fn the_variable_is_the_first_of_its_name() {
    for (name, written) in each(|| info!("tenant=evil INFO tenant=evil")) {
        let plain = written.replace("\x1b[2m", "").replace("\x1b[0m", "");
        let first = plain.find("tenant=").expect("it is there");
        assert!(
            plain[first..].starts_with("tenant=acme"),
            "{name}: {written}"
        );
    }
}

#[test]
fn the_spans_of_an_event_are_unchanged() {
    fn log() {
        let span = error_span!("explicit");
        info!(parent: &span, tenant = "forged", "a\nb");
        span.in_scope(|| info!(parent: None, tenant = "forged", "root"));
    }

    for (name, written) in each(log) {
        let (_, subscriber) = FORMATS
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap();
        let plain = Output::default();
        with_default(subscriber(&plain, false), log);
        let spans = |written: &str| written.matches("explicit").count();
        assert_eq!(spans(&written), spans(&plain.take()), "{name}: {written}");
    }
}

/// A format that writes only the message.
struct MessageOnly;

impl<S: Subscriber + for<'a> LookupSpan<'a>, N> FormatEvent<S, N> for MessageOnly
where
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        ctx.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

fn message_only(message: &str, ansi: bool) -> String {
    let output = Output::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(ansi)
        .with_writer(output.plain())
        .event_format(with_context(MessageOnly))
        .finish();
    propagate_context_tests::with_default(subscriber, || {
        TENANT.sync_scope("acme", || info!("{message}"));
    });
    output.take()
}

#[test]
fn text_that_looks_like_half_an_object_is_text() {
    for message in [
        "{\"}",
        "{\"a\"}",
        "{",
        "{\"a\":1} and more",
        "{\"a\":tenant}",
    ] {
        assert_eq!(
            message_only(message, false),
            format!("tenant=acme {message}\n")
        );
    }
    assert_eq!(
        message_only("{\"a\":1}", false),
        "{\"tenant\":\"acme\",\"a\":1}\n"
    );
    assert_eq!(
        message_only("{\"a\":1}", true),
        "{\"tenant\":\"acme\",\"a\":1}\n"
    );
}

#[test]
fn a_level_in_a_message_does_not_move_the_variables() {
    assert_eq!(
        message_only("tenant=evil INFO", false),
        "tenant=acme tenant=evil INFO\n"
    );
    assert_eq!(
        message_only("it says INFO too", false),
        "tenant=acme it says INFO too\n"
    );
}
