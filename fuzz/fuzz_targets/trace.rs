//! `traceparent` and `tracestate`: what is accepted is printable, bounded and well-formed by the standard, and kept verbatim,
//! except for the tail of a later version that cannot be sent on, a second member of the same key, and what exceeds the limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use propagate_context::traceparent::{TraceParent, TraceState};
use propagate_context_fuzz as w3c;

fuzz_target!(|text: &str| {
    let parent = text.parse::<TraceParent>();
    if let Ok(parent) = &parent {
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            assert_eq!(parent.as_str(), text);
        } else {
            assert_eq!(parent.as_str(), format!("00{}", &text[2..55]));
        }
        assert!(parent.trace_id().len() == 32 && text.len() <= 256);
        assert!(w3c::is_traceparent(text), "{text:?} is accepted");
    } else if text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        assert!(!w3c::is_traceparent(text), "{text:?} is rejected");
    }
    let state = text.parse::<TraceState>();
    if let Ok(state) = &state {
        let kept = state.as_str();
        assert!(kept.len() <= 512 && kept.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
        assert!(w3c::is_tracestate(kept, true), "{kept:?} is accepted");
        if text.len() > 512 {
            assert!(text.len() <= 8192);
            let mut members = text.split(',').map(|member| member.trim_matches([' ', '\t']));
            assert!(kept.split(',').all(|kept| members.any(|member| member == kept)), "of {text:?}");
        } else if w3c::is_tracestate(text, true) {
            assert_eq!(kept, text);
        } else {
            let first = |key: &str| {
                let mut members = text
                    .split(',')
                    .map(|member| member.trim_matches([' ', '\t']));
                members.find(|member| member.split('=').next() == Some(key))
            };
            let keys = kept
                .split(',')
                .filter_map(|member| member.split('=').next());
            let firsts: Vec<_> = keys.filter_map(first).collect();
            assert_eq!(kept, firsts.join(","), "of {text:?}");
        }
    } else if !text.is_empty() && text.len() <= 512 {
        assert!(!w3c::is_tracestate(text, false), "{text:?} is rejected");
    }
});
