//! A `baggage` header: within its limits, and the same when it is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use propagate_context::baggage::{Baggage, MAX_BYTES, MAX_MEMBERS};

fuzz_target!(|header: &str| {
    let baggage = Baggage::parse(header);
    let written = baggage.to_string();
    assert!(written.len() <= MAX_BYTES && baggage.members().count() <= MAX_MEMBERS);
    assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let again = Baggage::parse(&written);
    assert_eq!(again.dropped(), 0);
    assert!(baggage.members().eq(again.members()));
});
