//! `traceparent` and `tracestate`: what is taken is printable, bounded, kept verbatim, and what the standard's text has.
#![no_main]

use libfuzzer_sys::fuzz_target;
use propagate_context::traceparent::{TraceParent, TraceState};
use propagate_context_fuzz as w3c;

fuzz_target!(|text: &str| {
    let parent = text.parse::<TraceParent>();
    if let Ok(parent) = &parent {
        assert_eq!(parent.as_str(), text);
        assert!(parent.trace_id().len() == 32 && text.len() <= 256);
        assert!(w3c::is_traceparent(text), "{text:?} is taken");
    } else if text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        assert!(!w3c::is_traceparent(text), "{text:?} is refused");
    }
    let state = text.parse::<TraceState>();
    if let Ok(state) = &state {
        assert_eq!(state.as_str(), text);
        assert!(text.len() <= 512 && text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
        assert!(w3c::is_tracestate(text, true), "{text:?} is taken");
    } else if !text.is_empty() && text.len() <= 512 {
        assert!(!w3c::is_tracestate(text, false), "{text:?} is refused");
    }
});
