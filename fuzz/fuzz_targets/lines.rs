//! Values on log lines: whatever they contain, each event is one line, and a JSON parser reads the same values back.
#![no_main]

use std::io::Write;
use std::sync::{Arc, Mutex};

use libfuzzer_sys::fuzz_target;
use propagate_context::{ContextVar, tracing::with_context};
use tracing_subscriber::fmt::{MakeWriter, Subscriber, format};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
static MESSAGE: ContextVar<String> = ContextVar::new("message").logged();

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Buffer {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fuzz_target!(|value: &str| {
    let write = |subscriber: &dyn Fn(Buffer) -> tracing::Dispatch| {
        let buffer = Buffer::default();
        tracing::dispatcher::with_default(&subscriber(buffer.clone()), || {
            TENANT.sync_scope(value.to_owned(), || {
                MESSAGE.sync_scope(value.to_owned(), || tracing::info!("hello"));
            });
        });
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).expect("text")
    };
    let json = write(&|buffer| {
        Subscriber::builder()
            .with_writer(buffer)
            .event_format(with_context(format().json()))
            .finish()
            .into()
    });
    let parsed: serde_json::Value =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json:?}"));
    assert_eq!(json.matches('\n').count(), 1);
    assert_eq!(parsed["fields"]["message"], "hello");
    let shown = parsed["tenant"].as_str().expect("a text");
    let raw = json.trim_end_matches('\n');
    assert!(
        !raw.chars()
            .any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)),
        "{raw:?}"
    );
    if value.len() <= 256 {
        assert_eq!(shown, value);
    }
    let text = write(&|buffer| {
        Subscriber::builder()
            .with_ansi(false)
            .with_writer(buffer)
            .event_format(with_context(format()))
            .finish()
            .into()
    });
    assert!(text.ends_with('\n') && text.contains("hello"));
    if !value.chars().any(char::is_control) {
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
    }
});
