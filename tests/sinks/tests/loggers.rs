//! Loggers of the `log` crate, and its records that are bridged to `tracing`.

use log::{Level, Log, Record};
use propagate_context::tracing::with_context;
use propagate_context::{ContextVar, field};
use propagate_context_sinks::{LOGGERS, Output};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
static USER: ContextVar<u64> = ContextVar::new("user").logged();

/// Returns the output of the logger of this name in the context of a tenant.
fn line(name: &str, tenant: &str, message: &str, own: &[(&str, &str)]) -> String {
    let (_, logger) = LOGGERS
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap();
    let output = Output::default();
    let logger = logger(&output, true);
    TENANT.sync_scope(tenant.to_owned(), || {
        USER.sync_scope(42, || {
            logger.log(
                &Record::builder()
                    .level(Level::Info)
                    .target("shop")
                    .module_path(Some("shop"))
                    .args(format_args!("{message}"))
                    .key_values(&own)
                    .build(),
            );
        });
    });
    logger.flush();
    output.take()
}

#[test]
fn each_logger_shows_the_variables() {
    for (name, _) in LOGGERS {
        let line = line(name, "acme", "placed", &[]);
        for part in ["tenant=", "acme", "user=", "42", "placed"] {
            assert!(line.contains(part), "{name}: {part} in {line}");
        }
        assert_eq!(line.lines().count(), 1, "{name}: {line}");
    }
}

#[test]
fn a_value_cannot_forge_a_field() {
    let forged = "acme role=admin request_id=victim-1";
    assert_eq!(
        line("env_logger", forged, "placed", &[]),
        "[INFO  shop] placed tenant=\"acme role=admin request_id=victim-1\" user=42\n"
    );
    assert_eq!(
        line("fern", forged, "placed", &[]),
        "INFO tenant=\"acme role=admin request_id=victim-1\" user=42 placed\n"
    );
    assert_eq!(
        line(
            "env_logger",
            "acme",
            "placed",
            &[("note", "x tenant=evil"), ("tenant", "evil")]
        ),
        "[INFO  shop] placed tenant=acme user=42 note=\"x tenant=evil\" event_tenant=evil\n"
    );
}

#[test]
fn a_message_cannot_start_a_line() {
    for (name, _) in LOGGERS {
        let line = line(
            name,
            "acme",
            "placed\n[INFO  shop] forged",
            &[("note", "a\nb")],
        );
        assert_eq!(line.lines().count(), 1, "{name}: {line}");
        assert!(line.contains("placed\\n[INFO"), "{name}: {line}");
    }
}

#[test]
fn a_key_cannot_forge_a_field() {
    assert_eq!(
        line(
            "env_logger",
            "acme",
            "placed",
            &[("a tenant", "evil"), ("b\n", "c")]
        ),
        "[INFO  shop] placed tenant=acme user=42 \"a tenant\"=evil \"b\\n\"=c\n"
    );
}

#[test]
fn variables_in_the_message_precede_its_text() {
    for name in ["env_logger, a format of its own", "simplelog", "fern"] {
        let line = line(name, "acme", "tenant=evil\u{202e}\x1b[2J\ttab", &[]);
        let tail = "tenant=acme user=42 tenant=evil\\u{202e}\\u{1b}[2J\ttab\n";
        assert!(line.ends_with(tail), "{name}: {line}");
    }
}

#[test]
fn records_bridged_to_tracing_have_the_variables() {
    let output = Output::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(output.plain())
        .map_event_format(with_context)
        .finish();
    propagate_context_tests::with_default(subscriber, || {
        TENANT.sync_scope("acme".to_owned(), || {
            field("items", 3);
            tracing_log::LogTracer::new().log(
                &Record::builder()
                    .level(Level::Info)
                    .target("shop")
                    .args(format_args!("placed\nforged"))
                    .build(),
            );
        });
    });
    assert_eq!(
        output.take(),
        " INFO tenant=acme items=3 shop: placed\\nforged\n"
    );
}
