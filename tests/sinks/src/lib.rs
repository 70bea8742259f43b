//! The third-party subscribers and loggers that the tests and the table use, with and without the context.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use log::Log;
use propagate_context::log::with_context as log_with_context;
use propagate_context::tracing::{ContextWriter, with_context};
use tracing::Dispatch;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::{fmt, layer::SubscriberExt, registry};

/// A writer that stores its output. Clones share the output.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// Removes and returns the output since the last call.
    ///
    /// # Panics
    ///
    /// Panics if the output is not UTF-8.
    #[must_use]
    pub fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8(bytes).expect("what is logged is UTF-8")
    }

    /// Returns a writer for subscribers.
    #[must_use]
    pub fn plain(&self) -> BoxMakeWriter {
        let output = self.clone();
        BoxMakeWriter::new(move || output.clone())
    }

    /// Returns a writer for subscribers that adds the context.
    #[must_use]
    pub fn with_context(&self) -> BoxMakeWriter {
        let output = self.clone();
        BoxMakeWriter::new(ContextWriter::new(move || output.clone()))
    }

    fn writer(&self, ours: bool) -> BoxMakeWriter {
        if ours {
            self.with_context()
        } else {
            self.plain()
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A subscriber that writes to the output, with or without the context.
pub type Subscriber = fn(&Output, bool) -> Dispatch;

/// Subscribers with an event format that can be mapped.
pub const FORMATS: [(&str, Subscriber); 6] = [
    ("full", |output, ours| {
        let base = fmt().with_ansi(false).with_writer(output.plain());
        if ours {
            base.map_event_format(with_context).into()
        } else {
            base.into()
        }
    }),
    ("full, colours", |output, ours| {
        let base = fmt().with_ansi(true).with_writer(output.plain());
        if ours {
            base.map_event_format(with_context).into()
        } else {
            base.into()
        }
    }),
    ("compact", |output, ours| {
        let base = fmt().compact().with_ansi(false).with_writer(output.plain());
        if ours {
            base.map_event_format(with_context).into()
        } else {
            base.into()
        }
    }),
    ("pretty", |output, ours| {
        let base = fmt().pretty().with_ansi(false).with_writer(output.plain());
        if ours {
            base.map_event_format(with_context).into()
        } else {
            base.into()
        }
    }),
    ("json", |output, ours| {
        let base = fmt().json().with_writer(output.plain());
        if ours {
            base.map_event_format(with_context).into()
        } else {
            base.into()
        }
    }),
    ("event_format(json), colours", |output, ours| {
        let base = fmt()
            .with_ansi(true)
            .with_writer(output.plain())
            .event_format(fmt::format().json());
        if ours {
            base.map_event_format(with_context).into()
        } else {
            base.into()
        }
    }),
];

/// Subscribers with their own format.
pub const WRITERS: [(&str, Subscriber); 5] = [
    ("tracing-bunyan-formatter", |output, ours| {
        use tracing_bunyan_formatter::{BunyanFormattingLayer, JsonStorageLayer};
        let layer = BunyanFormattingLayer::new("shop".into(), output.writer(ours));
        registry().with(JsonStorageLayer).with(layer).into()
    }),
    ("json-subscriber", |output, ours| {
        let layer = json_subscriber::layer().with_writer(output.writer(ours));
        registry().with(layer).into()
    }),
    ("tracing-forest", |output, ours| {
        let printer = tracing_forest::printer::Printer::new().writer(output.writer(ours));
        let layer = tracing_forest::ForestLayer::from(printer);
        registry().with(layer).into()
    }),
    ("tracing-logfmt", |output, ours| {
        let layer = fmt::layer()
            .event_format(tracing_logfmt::EventsFormatter::default())
            .fmt_fields(tracing_logfmt::FieldsFormatter::default())
            .with_writer(output.writer(ours));
        registry().with(layer).into()
    }),
    ("tracing-stackdriver", |output, ours| {
        let layer = tracing_stackdriver::layer().with_writer(output.writer(ours));
        registry().with(layer).into()
    }),
];

/// A logger that writes to the output, with or without the context.
pub type Logger = fn(&Output, bool) -> Box<dyn Log>;

/// Loggers of the `log` crate.
pub const LOGGERS: [(&str, Logger); 5] = [
    ("env_logger", |output, ours| {
        let logger = env_logger::Builder::new()
            .filter_level(log::LevelFilter::Info)
            .target(env_logger::Target::Pipe(Box::new(output.clone())))
            .format_timestamp(None)
            .build();
        if ours {
            Box::new(log_with_context(logger))
        } else {
            Box::new(logger)
        }
    }),
    ("env_logger, a format of its own", |output, ours| {
        let logger = env_logger::Builder::new()
            .filter_level(log::LevelFilter::Info)
            .target(env_logger::Target::Pipe(Box::new(output.clone())))
            .format(|out, record| writeln!(out, "{}: {}", record.level(), record.args()))
            .build();
        if ours {
            // This logger does not show key-value pairs.
            Box::new(log_with_context(logger).in_message())
        } else {
            Box::new(logger)
        }
    }),
    ("simplelog", |output, ours| {
        let config = simplelog::ConfigBuilder::new()
            .set_time_level(log::LevelFilter::Off)
            .build();
        let logger = simplelog::WriteLogger::new(log::LevelFilter::Info, config, output.clone());
        if ours {
            // This logger does not show key-value pairs.
            Box::new(log_with_context(*logger).in_message())
        } else {
            logger
        }
    }),
    ("flexi_logger", |output, ours| {
        let (logger, _) = flexi_logger::Logger::with(flexi_logger::LogSpecification::info())
            .log_to_writer(Box::new(Flexi(output.clone())))
            .build()
            .expect("the specification is right");
        if ours {
            Box::new(log_with_context(logger))
        } else {
            Box::new(logger)
        }
    }),
    ("fern", |output, ours| {
        let (_, logger) = fern::Dispatch::new()
            .format(|out, message, record| out.finish(format_args!("{} {message}", record.level())))
            .chain(Box::new(output.clone()) as Box<dyn Write + Send>)
            .into_log();
        if ours {
            // The formats of this logger do not show key-value pairs.
            Box::new(log_with_context(logger).in_message())
        } else {
            logger
        }
    }),
];

struct Flexi(Output);

impl flexi_logger::writers::LogWriter for Flexi {
    fn write(
        &self,
        now: &mut flexi_logger::DeferredNow,
        record: &log::Record<'_>,
    ) -> io::Result<()> {
        let mut output = self.0.clone();
        flexi_logger::default_format(&mut output, now, record)?;
        output.write_all(b"\n")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

/// `tracing_appender::non_blocking(ContextWriter::new(..))` would read the variables of the thread that writes:
///
/// ```compile_fail,E0277
/// let file = propagate_context::tracing::ContextWriter::new(std::io::stdout);
/// let _ = tracing_appender::non_blocking(file);
/// ```
///
/// The writer that it makes cannot be sent to that thread either:
///
/// ```compile_fail,E0277
/// use tracing_subscriber::fmt::MakeWriter;
///
/// static WRITER: std::sync::LazyLock<propagate_context::tracing::ContextWriter<fn() -> std::io::Stdout>> =
///     std::sync::LazyLock::new(|| propagate_context::tracing::ContextWriter::new(std::io::stdout));
/// let _ = tracing_appender::non_blocking(WRITER.make_writer());
/// ```
///
/// The correct order:
///
/// ```
/// let (non_blocking, _guard) = tracing_appender::non_blocking(std::io::sink());
/// let writer = propagate_context::tracing::ContextWriter::new(non_blocking);
/// tracing_subscriber::fmt().with_writer(writer).finish();
/// ```
pub struct WriterOrder;
