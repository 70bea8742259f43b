//! Lines `name: value` as the headers of a request: what is extracted is printable, bounded, and sent on as it was received.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use propagate_context::entry::Entry;
use propagate_context::{Context, ContextVar, REQUEST_ID};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");
static LEVEL: ContextVar<i16> = ContextVar::new("level")
    .logged()
    .header("x-level")
    .baggage("level");
static REGION: ContextVar<String> = ContextVar::new("region").baggage("region");

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            continue;
        };
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    let entry = Entry::new()
        .extract(&TENANT)
        .extract(&LEVEL)
        .extract(&REGION);
    let context = entry.open(&headers).expect("nothing is required");
    assert!(
        context.get(&REQUEST_ID).is_some(),
        "one is made where none came"
    );
    context.visit_logged(|name, value| {
        let text = value.to_string();
        assert!(
            text.len() <= 1024 && !text.chars().any(char::is_control),
            "{name}: {text:?}"
        );
    });
    let sent = inject(&context);
    assert_eq!(
        sent,
        inject(&entry.open(&sent).expect("nothing is required"))
    );
});

fn inject(context: &Context) -> HeaderMap {
    let mut headers = HeaderMap::new();
    context.inject(&mut headers);
    for value in headers.values() {
        assert!(
            value.len() <= 8192
                && value
                    .as_bytes()
                    .iter()
                    .all(|byte| matches!(byte, b' '..=b'~'))
        );
    }
    headers
}
