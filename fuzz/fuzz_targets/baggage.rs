//! A `baggage` header: it stays within the limits, a round trip does not change it, and it is read as the standard says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use propagate_context::baggage::{Baggage, MAX_BYTES, MAX_MEMBERS};
use propagate_context_fuzz as w3c;

fuzz_target!(|header: &str| {
    let baggage = Baggage::parse(header);
    let written = baggage.to_string();
    assert!(written.len() <= MAX_BYTES && baggage.members().count() <= MAX_MEMBERS);
    assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let again = Baggage::parse(&written);
    assert_eq!(again.dropped(), 0);
    assert!(baggage.members().eq(again.members()));

    let ours: Vec<(&str, &str)> = baggage
        .members()
        .map(|member| (member.key(), member.value()))
        .collect();
    let sound: Vec<(String, String)> = header
        .split(',')
        .filter_map(w3c::baggage_member)
        .map(|(key, value)| (key, String::from_utf8_lossy(&value).into_owned()))
        .collect();
    if header.len() <= MAX_BYTES / 3 && sound.len() <= MAX_MEMBERS {
        assert!(
            ours.iter()
                .copied()
                .eq(sound.iter().map(|(key, value)| (&**key, &**value))),
            "{ours:?} {sound:?}"
        );
    }
});
