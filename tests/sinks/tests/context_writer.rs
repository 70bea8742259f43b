//! `ContextWriter`: each subscriber with its own format writes the variables on each line.

use std::io::Write;

use propagate_context::tracing::ContextWriter;
use propagate_context::{ContextVar, REQUEST_ID};
use propagate_context_sinks::{Output, WRITERS};
use propagate_context_tests::with_default;
use serde_json::Value;
use tracing::info;
use tracing_subscriber::fmt::MakeWriter;

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();
static USER: ContextVar<u64> = ContextVar::new("user").logged();
static MSG: ContextVar<&str> = ContextVar::new("msg").logged();

/// Returns the output of the subscriber of this name while `run` logs.
fn lines(name: &str, run: impl FnOnce()) -> String {
    let (_, subscriber) = WRITERS
        .into_iter()
        .find(|(known, _)| *known == name)
        .expect("the table has it");
    let output = Output::default();
    with_default(subscriber(&output, true), run);
    output.take()
}

fn in_context<R>(run: impl FnOnce() -> R) -> R {
    TENANT.sync_scope("acme co", || USER.sync_scope(42, run))
}

#[test]
fn json_lines_have_variables_as_members() {
    for name in [
        "tracing-bunyan-formatter",
        "json-subscriber",
        "tracing-stackdriver",
    ] {
        let written = lines(name, || in_context(|| info!(items = 3, "placed")));
        let line: Value = serde_json::from_str(&written).expect(&written);
        assert_eq!(line["tenant"], "acme co", "{name}: {written}");
        assert_eq!(line["user"], 42, "{name}: {written}");
        assert_eq!(written.lines().count(), 1, "{name}");
    }
}

#[test]
fn text_lines_start_with_variables() {
    for name in ["tracing-forest", "tracing-logfmt"] {
        let written = lines(name, || in_context(|| info!(items = 3, "placed")));
        assert!(
            written.starts_with("tenant=\"acme co\" user=42 "),
            "{name}: {written}"
        );
        assert!(written.contains("placed"), "{name}: {written}");
    }
}

#[test]
fn a_line_outside_of_every_scope_is_unchanged() {
    for (name, subscriber) in WRITERS {
        let [plain, ours] = [false, true].map(|ours| {
            let output = Output::default();
            with_default(subscriber(&output, ours), || info!(items = 3, "placed"));
            output.take()
        });
        let timeless = |line: &str| line.replace(|c: char| c.is_ascii_digit(), "");
        assert_eq!(timeless(&plain), timeless(&ours), "{name}");
    }
}

#[test]
fn a_field_of_the_event_cannot_impersonate_a_variable() {
    let forge = || in_context(|| info!(tenant = "forged", "placed"));
    for name in ["tracing-bunyan-formatter", "tracing-logfmt"] {
        let written = lines(name, forge);
        assert!(written.contains("event_tenant"), "{name}: {written}");
        assert_eq!(written.matches("forged").count(), 1, "{name}: {written}");
    }
}

#[test]
fn a_member_with_the_same_value_is_not_repeated() {
    let written = lines("tracing-bunyan-formatter", || {
        in_context(|| info!(tenant = "acme co", user = 42, "placed"));
    });
    assert!(!written.contains("event_"), "{written}");
    assert_eq!(written.matches("acme co").count(), 1, "{written}");

    let written = lines("tracing-logfmt", || {
        in_context(|| info!(tenant = "acme co", "placed"));
    });
    assert_eq!(written.matches("acme co").count(), 1, "{written}");
}

#[test]
fn names_of_the_schema_are_reserved() {
    let written = lines("tracing-bunyan-formatter", || {
        MSG.sync_scope("mine", || info!("placed"));
    });
    let line: Value = serde_json::from_str(&written).expect(&written);
    assert_eq!(
        (&line["msg"], &line["context_msg"]),
        (&"placed".into(), &"mine".into())
    );

    let output = Output::default();
    let writer = output.clone();
    let writer = ContextWriter::new(move || writer.clone()).reserving(&["tenant"]);
    in_context(|| writer.make_writer().write_all(b"{\"tenant\":1}\n")).unwrap();
    assert_eq!(
        output.take(),
        "{\"context_tenant\":\"acme co\",\"user\":42,\"tenant\":1}\n"
    );
}

#[test]
fn a_tree_has_the_context_at_the_time_of_writing() {
    let written = lines("tracing-forest", || {
        let root = tracing::info_span!("root");
        root.in_scope(|| in_context(|| info!("in a request")));
    });
    assert!(!written.contains("tenant="), "{written}");
}

/// The calls of the writer.
#[derive(Clone, Default)]
struct Calls(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl Write for Calls {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        self.0.lock().unwrap().push(text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn calls(write: impl FnOnce(&mut dyn Write)) -> Vec<String> {
    let calls = Calls::default();
    let inner = calls.clone();
    let writer = ContextWriter::new(move || inner.clone());
    TENANT.sync_scope("acme", || write(&mut writer.make_writer()));
    let written = std::mem::take(&mut *calls.0.lock().unwrap());
    written
}

#[test]
fn a_line_is_written_in_one_call() {
    let of = |text: &str| calls(|writer| writer.write_all(text.as_bytes()).unwrap());
    assert_eq!(of("hello\n"), ["tenant=acme hello\n"]);
    assert_eq!(of("a\n\nb\n"), ["tenant=acme a\n\ntenant=acme b\n"]);
    assert_eq!(of("no end"), ["tenant=acme no end"]);
    assert_eq!(of("a\nrest"), ["tenant=acme a\n", "tenant=acme rest"]);
    assert_eq!(
        of("{\n  \"a\": 1\n}\n{}\n"),
        ["{\"tenant\":\"acme\",\n  \"a\": 1\n}\n{\"tenant\":\"acme\"}\n"]
    );
    assert_eq!(of("{\"}\n"), ["tenant=acme {\"}\n"]);

    let pieces = calls(|writer| {
        for piece in ["{\"a\"", ":1}", "\n{\"b\":2}\n"] {
            writer.write_all(piece.as_bytes()).unwrap();
        }
    });
    assert_eq!(
        pieces.concat(),
        "{\"tenant\":\"acme\",\"a\":1}\n{\"tenant\":\"acme\",\"b\":2}\n"
    );

    let binary = calls(|writer| writer.write_all(b"\n").unwrap());
    assert_eq!(binary, ["\n"]);
}

#[test]
fn a_writer_on_another_thread_makes_no_difference() {
    let output = Output::default();
    let (non_blocking, guard) = tracing_appender::non_blocking(output.clone());
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(ContextWriter::new(non_blocking).placeholder(&REQUEST_ID, "-"))
        .finish();
    propagate_context_tests::with_default(subscriber, || in_context(|| info!("placed")));
    drop(guard);
    let written = output.take();
    assert!(
        written.contains(" INFO tenant=\"acme co\" user=42 request_id=- context_writer: placed"),
        "{written}"
    );
}
