//! Checks each log line when it is written.

use std::io::Write;

use propagate_context::tracing::with_context;
use serde_json::Value;
use tracing_subscriber::fmt::format;

use crate::Count;

static RIGHT: Count = Count::new();
static WRONG: Count = Count::new();
static MISSING: Count = Count::new();
static UNPARSABLE: Count = Count::new();
static OF_OTHERS: Count = Count::new();

struct Judge;

impl Write for Judge {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        judge(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn install() {
    tracing_subscriber::fmt()
        .event_format(with_context(format().json()))
        .with_writer(|| Judge)
        .init();
}

fn judge(line: &[u8]) {
    let Ok(line) = serde_json::from_slice::<Value>(line) else {
        return UNPARSABLE.add();
    };
    let Some(sent) = line["fields"]["sent"].as_str() else {
        return OF_OTHERS.add();
    };
    match line["request_id"].as_str() {
        None => {
            eprintln!("missing: {line}");
            MISSING.add();
        }
        // The server generates an id where none was sent, or a malformed one.
        Some(id) if id == sent || (sent.starts_with("bad-") && id.len() == 36) => RIGHT.add(),
        Some(_) => {
            eprintln!("wrong: {line}");
            WRONG.add();
        }
    }
}

pub(crate) fn is_wrong() -> bool {
    WRONG.get() + MISSING.get() + UNPARSABLE.get() > 0 || RIGHT.get() == 0
}

pub(crate) fn figures() -> String {
    format!(
        "lines: {} with their id, {} wrong, {} missing, {} unparsable; {} of others",
        RIGHT.get(),
        WRONG.get(),
        MISSING.get(),
        UNPARSABLE.get(),
        OF_OTHERS.get(),
    )
}
