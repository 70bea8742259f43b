//! Custom formats: a JSON object gets members, text gets pairs, and empty output stays empty.

use std::fmt;

use propagate_context::ContextVar;
use propagate_context::tracing::with_context;
use propagate_context_sinks::Output;
use propagate_context_tests::with_default;
use serde_json::Value;
use tracing::{Event, Level, Subscriber, debug, info, info_span};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::{self, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, Layer};
use tracing_subscriber::layer::{Layer as _, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Registry, fmt as subscriber, registry, reload};

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

/// A format that writes the given text, in which `MESSAGE` is replaced.
struct Fixed(&'static str);

impl<S: Subscriber + for<'a> LookupSpan<'a>, N> FormatEvent<S, N> for Fixed
where
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut message = String::new();
        ctx.format_fields(Writer::new(&mut message), event)?;
        writer.write_str(&self.0.replace("MESSAGE", &message))
    }
}

/// Returns the output of `format` for a message in the context of a tenant.
fn written(format: &'static str, message: &str) -> String {
    let [plain, colours] = [false, true].map(|ansi| {
        let output = Output::default();
        let subscriber = subscriber()
            .with_ansi(ansi)
            .with_writer(output.plain())
            .event_format(with_context(Fixed(format)))
            .finish();
        with_default(subscriber, || {
            TENANT.sync_scope("acme", || info!("{message}"))
        });
        output.take()
    });
    assert_eq!(plain, colours.replace("\x1b[2m", "").replace("\x1b[0m", ""));
    plain
}

#[test]
fn objects() {
    for (format, expected) in [
        ("{\"a\":1}\n", "{\"tenant\":\"acme\",\"a\":1}\n"),
        ("{}\n", "{\"tenant\":\"acme\"}\n"),
        ("{ }", "{\"tenant\":\"acme\" }"),
        ("  {\"a\":1}\n", "  {\"tenant\":\"acme\",\"a\":1}\n"),
        ("\t{\"a\":1}\r\n", "\t{\"tenant\":\"acme\",\"a\":1}\r\n"),
        (
            "\u{feff}{\"a\":1}\n",
            "\u{feff}{\"tenant\":\"acme\",\"a\":1}\n",
        ),
        ("\u{1e}{\"a\":1}\n", "\u{1e}{\"tenant\":\"acme\",\"a\":1}\n"),
        (
            "{\n  \"a\": {\n    \"b\": [1, {\"c\": null}]\n  }\n}\n",
            "{\"tenant\":\"acme\",\n  \"a\": {\n    \"b\": [1, {\"c\": null}]\n  }\n}\n",
        ),
        (
            "{\"index\":{}}\n{\"a\":1}\n",
            "{\"tenant\":\"acme\",\"index\":{}}\n{\"tenant\":\"acme\",\"a\":1}\n",
        ),
        (
            "{\"a\":1}\nat src/main.rs\n",
            "{\"tenant\":\"acme\",\"a\":1}\nat src/main.rs\n",
        ),
        (
            "{\"a\":-0.5e+10,\"b\":[],\"c\":\"\\\"}\\\\\"}\n",
            "{\"tenant\":\"acme\",\"a\":-0.5e+10,\"b\":[],\"c\":\"\\\"}\\\\\"}\n",
        ),
        // An object that already has the key, at any position.
        (
            "{\"a\":1,\"tenant\":\"acme\"}\n",
            "{\"tenant\":\"acme\",\"a\":1}\n",
        ),
        (
            "{\"tenant\":\"evil\",\"a\":1}\n",
            "{\"tenant\":\"acme\",\"event_tenant\":\"evil\",\"a\":1}\n",
        ),
        (
            "{\"tenant\":null}\n",
            "{\"tenant\":\"acme\",\"event_tenant\":null}\n",
        ),
        (
            "{\"\\u0074enant\":\"evil\"}\n",
            "{\"tenant\":\"acme\",\"event_tenant\":\"evil\"}\n",
        ),
        (
            "{\"tenant\":1,\"tenant\":2}\n",
            "{\"tenant\":\"acme\",\"event_tenant\":1}\n",
        ),
        (
            "{\"tenant\":1,\"event_tenant\":2}\n",
            "{\"tenant\":\"acme\",\"event_tenant\":2}\n",
        ),
        (
            "{\"a\":{\"tenant\":\"evil\"}}\n",
            "{\"tenant\":\"acme\",\"a\":{\"tenant\":\"evil\"}}\n",
        ),
    ] {
        assert_eq!(written(format, "x"), expected, "{format}");
    }
}

#[test]
fn other_output_is_text() {
    for format in [
        "[{\"a\":1}]\n",
        "\"a\"\n",
        "{\"a\":1,}\n",
        "{\"a\" 1}\n",
        "{a:1}\n",
        "{'a':1}\n",
        "{\"a\":01}\n",
        "{\"a\":-}\n",
        "{\"a\":1.}\n",
        "{\"a\":tru}\n",
        "{\"a\":{b}}\n",
        "{\"a\":[1 2]}\n",
        "{\"a\":[}]}\n",
        "{\"a\":1}}\n",
        "{\"a\":1}{\"b\":1}\n",
        "{\"a\":1",
        "{\"a",
        "{",
        "  {",
    ] {
        assert_eq!(written(format, "x"), format!("tenant=acme {format}"));
    }
}

#[test]
fn empty_output_stays_empty() {
    for format in ["", "\n", "  \n"] {
        assert_eq!(written(format, "x"), format);
    }
}

#[test]
fn a_message_that_is_half_an_object_forges_no_line() {
    for (message, expected) in [
        (
            "{\"a\":1}\ntenant=evil",
            "tenant=acme {\"a\":1}\\ntenant=evil\n",
        ),
        (
            "{\"a\":\"x\ntenant=evil\"}",
            "tenant=acme {\"a\":\"x\\ntenant=evil\"}\n",
        ),
        (
            "{\"a\":1}\n{\"tenant\":\"evil\"}",
            "{\"tenant\":\"acme\",\"a\":1}\n{\"tenant\":\"acme\",\"event_tenant\":\"evil\"}\n",
        ),
        ("\u{feff}{\"a\"", "tenant=acme \\u{feff}{\"a\"\n"),
    ] {
        assert_eq!(written("MESSAGE\n", message), expected);
    }
}

#[test]
fn very_deeply_nested_objects_are_text() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(written("MESSAGE\n", &deep).starts_with("tenant=acme {"));
    let fine = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
    assert!(written("MESSAGE\n", &fine).starts_with("{\"tenant\":\"acme\",\"a\":[["));
}

#[test]
fn the_time_stays_in_its_column() {
    for (format, expected) in [
        (
            "2026-11-28T10:00:00Z INFO MESSAGE\n",
            "2026-11-28T10:00:00Z INFO tenant=acme x\n",
        ),
        (
            "2026-11-28T10:00:00.123456+01:00 shop: MESSAGE\n",
            "2026-11-28T10:00:00.123456+01:00 tenant=acme shop: x\n",
        ),
        (
            "\x1b[2m2026-11-28T10:00:00Z\x1b[0m shop: MESSAGE\n",
            "\x1b[2m2026-11-28T10:00:00Z\x1b[0m tenant=acme shop: x\n",
        ),
        (
            "Sat, 28 Nov 2026 10:00:00 +0000 INFO MESSAGE\n",
            "Sat, 28 Nov 2026 10:00:00 +0000 INFO tenant=acme x\n",
        ),
        ("[INFO] MESSAGE\n", "[INFO] tenant=acme x\n"),
        ("INFORMATION MESSAGE\n", "tenant=acme INFORMATION x\n"),
        ("shop: MESSAGE\n", "tenant=acme shop: x\n"),
    ] {
        let output = Output::default();
        let subscriber = subscriber()
            .with_ansi(false)
            .with_writer(output.plain())
            .event_format(with_context(Fixed(format)))
            .finish();
        with_default(subscriber, || TENANT.sync_scope("acme", || info!("x")));
        assert_eq!(output.take(), expected, "{format}");
    }
}

#[test]
fn every_option_of_the_json_format() {
    type Json = format::Format<format::Json>;
    let options: [(&str, fn(Json) -> Json); 8] = [
        ("none", |json| json),
        ("flattened", |json| json.flatten_event(true)),
        ("no current span", |json| json.with_current_span(false)),
        ("no list of spans", |json| json.with_span_list(false)),
        ("no span", |json| {
            json.with_current_span(false).with_span_list(false)
        }),
        ("no time, level or target", |json| {
            json.with_level(false).with_target(false)
        }),
        ("threads", |json| {
            json.with_thread_ids(true).with_thread_names(true)
        }),
        ("source", |json| json.with_file(true).with_line_number(true)),
    ];
    for (name, option) in options {
        let output = Output::default();
        let subscriber = subscriber()
            .json()
            .with_writer(output.plain())
            .map_event_format(|json| with_context(option(json)))
            .finish();
        with_default(subscriber, || {
            TENANT.sync_scope("acme", || {
                info_span!("outer", tenant = "of a span").in_scope(|| {
                    info_span!("inner", note = "a\nb").in_scope(|| {
                        info!(
                            tenant = "evil",
                            event_other = 1,
                            "placed\n\u{85}\u{2028}\x1b[31m\t\"\\"
                        );
                    });
                });
            });
        });
        let written = output.take();
        assert_eq!(written.matches('\n').count(), 1, "{name}: {written}");
        let line: Value = serde_json::from_str(&written).expect(&written);
        assert_eq!(line["tenant"], "acme", "{name}");
        let event = if name == "flattened" {
            &line
        } else {
            &line["fields"]
        };
        assert_eq!(
            event["message"], "placed\n\u{85}\u{2028}\x1b[31m\t\"\\",
            "{name}"
        );
        let keys: Vec<&str> = written
            .match_indices("\"tenant\":")
            .map(|(at, _)| &written[at..at + 9])
            .collect();
        let nested = usize::from(name != "flattened")
            + usize::from(!matches!(name, "no list of spans" | "no span"));
        assert_eq!(keys.len(), 1 + nested, "{name}: {written}");
    }
}

#[test]
fn many_layers_with_different_formats() {
    let outputs: [Output; 5] = Default::default();
    let [full, colours, json, compact, pretty] = &outputs;
    let subscriber = registry()
        .with(EnvFilter::new("info"))
        .with(
            subscriber::layer()
                .with_ansi(false)
                .with_writer(full.plain())
                .map_event_format(with_context),
        )
        .with(
            subscriber::layer()
                .with_ansi(true)
                .with_writer(colours.plain())
                .map_event_format(with_context),
        )
        .with(
            subscriber::layer()
                .json()
                .with_writer(json.plain())
                .map_event_format(with_context)
                .with_filter(LevelFilter::INFO),
        )
        .with(
            subscriber::layer()
                .compact()
                .with_ansi(false)
                .with_writer(compact.plain())
                .map_event_format(with_context)
                .with_filter(filter_fn(|metadata| metadata.is_event())),
        )
        .with(
            subscriber::layer()
                .pretty()
                .with_ansi(false)
                .with_writer(pretty.plain())
                .map_event_format(with_context)
                .boxed(),
        );
    with_default(subscriber, || {
        TENANT.sync_scope("acme", || {
            info_span!("request").in_scope(|| {
                info!("placed");
                debug!("filtered");
            });
        });
    });
    for (nth, output) in outputs.iter().enumerate() {
        let written = output.take();
        let plain = written.replace("\x1b[2m", "").replace("\x1b[0m", "");
        let pair = if nth == 2 {
            "\"tenant\":\"acme\""
        } else {
            "tenant=acme"
        };
        assert_eq!(plain.matches(pair).count(), 1, "{nth}: {written}");
        assert!(!written.contains("filtered"), "{nth}: {written}");
    }
}

#[test]
fn a_layer_that_is_reloaded_at_run_time() {
    let [before, after] = [Output::default(), Output::default()];
    let layer = |output: &Output| -> Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync> {
        let layer: Layer<Registry> = Layer::default();
        layer
            .with_ansi(false)
            .with_writer(output.plain())
            .map_event_format(with_context)
            .boxed()
    };
    let (layers, handle) = reload::Layer::new(layer(&before));
    with_default(registry().with(layers), || {
        TENANT.sync_scope("acme", || {
            info!("one");
            handle.reload(layer(&after)).unwrap();
            info!("two");
        });
    });
    for (output, message) in [(before, "one"), (after, "two")] {
        let written = output.take();
        assert!(
            written.contains("INFO tenant=acme formats: ") && written.contains(message),
            "{written}"
        );
    }
}

/// A format that writes the values of fields itself, without quotes.
struct Raw;

impl<S: Subscriber + for<'a> LookupSpan<'a>, N> FormatEvent<S, N> for Raw
where
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        struct Fields<'a>(Writer<'a>);

        impl tracing::field::Visit for Fields<'_> {
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                _ = write!(self.0, "{}={value} ", field.name());
            }

            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
                _ = write!(self.0, "{}={value:?} ", field.name());
            }
        }

        event.record(&mut Fields(writer.by_ref()));
        writeln!(writer)
    }
}

#[test]
fn a_format_that_quotes_nothing() {
    let output = Output::default();
    let subscriber = subscriber()
        .with_ansi(false)
        .with_writer(output.plain())
        .event_format(with_context(Raw))
        .finish();
    with_default(subscriber, || {
        TENANT.sync_scope("acme", || {
            info!(note = "a\ntenant=evil", quote = "\"", "placed")
        });
    });
    assert_eq!(
        output.take(),
        "tenant=acme message=placed note=a\\ntenant=evil quote=\" \n"
    );
}

#[test]
fn lines_about_spans() {
    use tracing_subscriber::fmt::format::FmtSpan;

    let output = Output::default();
    let subscriber = subscriber()
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .with_writer(output.plain())
        .map_event_format(with_context)
        .finish();
    with_default(subscriber, || {
        TENANT.sync_scope("acme", || {
            drop(info_span!("request", note = %"a\nb", tenant = "of a span").entered())
        });
    });
    let written = output.take();
    assert_eq!(written.lines().count(), 4, "{written}");
    assert!(
        written.lines().all(
            |line| line.contains("INFO tenant=acme request{note=a\\nb tenant=\"of a span\"}: ")
        ),
        "{written}"
    );
}

#[test]
fn levels_of_every_kind() {
    let output = Output::default();
    let subscriber = subscriber()
        .with_ansi(false)
        .with_max_level(Level::TRACE)
        .with_writer(output.plain())
        .map_event_format(with_context)
        .finish();
    with_default(subscriber, || {
        TENANT.sync_scope("acme", || {
            tracing::error!("x");
            tracing::warn!("x");
            info!("x");
            debug!("x");
            tracing::trace!("x");
        });
    });
    for (line, level) in output
        .take()
        .lines()
        .zip(["ERROR", "WARN", "INFO", "DEBUG", "TRACE"])
    {
        assert!(
            line.contains(&format!("{level} tenant=acme formats: x")),
            "{line}"
        );
    }
}
