//! `traceparent` and `tracestate`: what is taken is printable, bounded and kept to the letter.
#![no_main]

use libfuzzer_sys::fuzz_target;
use propagate_context::traceparent::{TraceParent, TraceState};

fuzz_target!(|text: &str| {
    if let Ok(parent) = text.parse::<TraceParent>() {
        assert_eq!(parent.as_str(), text);
        assert!(parent.trace_id().len() == 32 && text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    if let Ok(state) = text.parse::<TraceState>() {
        assert_eq!(state.as_str(), text);
        assert!(text.len() <= 512 && text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
    }
});
