//! Other writers, around `ContextWriter` and inside it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use propagate_context::tracing::ContextWriter;
use propagate_context::{Context, ContextVar};
use propagate_context_sinks::Output;
use propagate_context_tests::with_default;
use tracing::{Level, info, warn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::{BoxMakeWriter, MakeWriterExt};

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

/// Returns the output of a subscriber whose writer `make` creates around an output.
fn written<W>(make: impl FnOnce(Output) -> W) -> String
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let output = Output::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(make(output.clone()))
        .finish();
    with_default(subscriber, || {
        TENANT.sync_scope("acme", || {
            info!("one");
            warn!("two");
        });
    });
    output.take()
}

const ONE: &str = " INFO tenant=acme writers: one\n";
const TWO: &str = " WARN tenant=acme writers: two\n";

fn ours(output: &Output) -> ContextWriter<impl Fn() -> Output + use<>> {
    let output = output.clone();
    ContextWriter::new(move || output.clone())
}

fn theirs(output: &Output) -> impl Fn() -> Output + use<> {
    let output = output.clone();
    move || output.clone()
}

#[test]
fn combinations_with_other_writers() {
    assert_eq!(written(|o| ours(&o)), [ONE, TWO].concat());
    assert_eq!(
        written(|o| ours(&o).and(ours(&o))),
        [ONE, ONE, TWO, TWO].concat()
    );
    assert_eq!(
        written(|o| ContextWriter::new(theirs(&o).and(theirs(&o)))),
        [ONE, ONE, TWO, TWO].concat()
    );
    assert_eq!(written(|o| ours(&o).with_max_level(Level::WARN)), TWO);
    assert_eq!(
        written(|o| ContextWriter::new(theirs(&o).with_max_level(Level::WARN))),
        TWO
    );
    assert_eq!(
        written(|o| ours(&o).with_max_level(Level::WARN).or_else(theirs(&o))),
        [" INFO writers: one\n", TWO].concat()
    );
    assert_eq!(
        written(|o| ContextWriter::new(theirs(&o).with_max_level(Level::WARN).or_else(theirs(&o)))),
        [ONE, TWO].concat()
    );
    assert_eq!(
        written(|o| ours(&o).with_filter(|metadata| *metadata.level() == Level::INFO)),
        ONE
    );
    assert_eq!(
        written(|o| BoxMakeWriter::new(ours(&o))),
        [ONE, TWO].concat()
    );
    assert_eq!(
        written(|o| ContextWriter::new(BoxMakeWriter::new(theirs(&o)))),
        [ONE, TWO].concat()
    );
    assert_eq!(
        written(|o| ContextWriter::new(Mutex::new(o))),
        [ONE, TWO].concat()
    );
}

#[test]
fn lines_that_are_not_text() {
    let output = Output::default();
    let writer = ours(&output);
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let kept = ContextWriter::new({
        let bytes = bytes.clone();
        move || Bytes(bytes.clone())
    });
    TENANT.sync_scope("acme", || {
        writer.make_writer().write_all(b"a\n").unwrap();
        kept.make_writer()
            .write_all(b"\xff\n{\"a\":1}\nb\n")
            .unwrap();
    });
    assert_eq!(output.take(), "tenant=acme a\n");
    assert_eq!(
        *bytes.lock().unwrap(),
        b"tenant=acme \xff\n{\"tenant\":\"acme\",\"a\":1}\ntenant=acme b\n"
    );
}

struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_message_of_several_lines_has_the_variables_on_each() {
    let output = Output::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(ours(&output))
        .finish();
    with_default(subscriber, || {
        TENANT.sync_scope("acme", || info!("placed\n INFO tenant=evil shop: paid"))
    });
    assert_eq!(
        output.take(),
        " INFO tenant=acme writers: placed\n INFO tenant=acme tenant=evil shop: paid\n"
    );
}

#[test]
fn objects_after_a_prefix() {
    let output = Output::default();
    let writer = ours(&output);
    TENANT.sync_scope("acme", || {
        for line in [
            "\u{feff}{\"a\":1}\n",
            "  {\n  \"a\":1}\n",
            "\u{1e}{\"a\":1}\n",
            "   \n",
            "text\n",
        ] {
            writer.make_writer().write_all(line.as_bytes()).unwrap();
        }
    });
    assert_eq!(
        output.take(),
        "\u{feff}{\"tenant\":\"acme\",\"a\":1}\n  {\"tenant\":\"acme\",\n  \"a\":1}\n\u{1e}{\"tenant\":\"acme\",\"a\":1}\n   \ntenant=acme text\n"
    );
}

#[test]
fn a_writer_that_panics_loses_only_its_line() {
    struct Panics;

    impl Write for Panics {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            panic!("on purpose")
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let writer = ContextWriter::new(|| Panics);
    for line in ["a\n", "half a line", "{}\n"] {
        let panics = std::panic::catch_unwind(|| {
            Context::empty().sync_scope(|| writer.make_writer().write_all(line.as_bytes()))
        });
        assert!(panics.is_err(), "{line}");
    }
    assert_eq!(written(|o| ours(&o)), [ONE, TWO].concat());
}
