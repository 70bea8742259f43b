//! One event through every sink, without our context and with it.

use propagate_context::{ContextVar, REQUEST_ID};
use propagate_context_sinks::{FORMATS, LOGGERS, Output, WRITERS};
use propagate_context_tests::with_default;

static USER: ContextVar<u64> = ContextVar::new("user").logged();

fn main() {
    let id = "r-17".parse().expect("a valid id");
    REQUEST_ID.sync_scope(id, || USER.sync_scope(42, rows));
}

fn rows() {
    for (name, subscriber) in FORMATS.into_iter().chain(WRITERS) {
        println!("{name}");
        for (ours, label) in [(false, "before"), (true, "after ")] {
            let output = Output::default();
            with_default(subscriber(&output, ours), || {
                tracing::info!(items = 3, request_id = "forged", "placed\nINFO forged");
            });
            print(label, &output.take());
        }
    }
    for (name, logger) in LOGGERS {
        println!("{name}");
        for (ours, label) in [(false, "before"), (true, "after ")] {
            let output = Output::default();
            let logger = logger(&output, ours);
            logger.log(
                &log::Record::builder()
                    .level(log::Level::Info)
                    .target("shop")
                    .module_path(Some("shop"))
                    .args(format_args!("placed\nINFO forged"))
                    .key_values(&[("tenant", "acme role=admin request_id=victim-1")])
                    .build(),
            );
            logger.flush();
            print(label, &output.take());
        }
    }
}

fn print(label: &str, lines: &str) {
    for line in lines.trim_end().lines() {
        println!("  {label} {}", line.replace('\x1b', "ESC"));
    }
}
