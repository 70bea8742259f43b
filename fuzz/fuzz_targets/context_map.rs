//! The context of a payload as JSON: it never fails the job, stays within the limits, and a round trip does not change it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use propagate_context::{ContextMap, RequestId};

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else {
        return;
    };
    if let Ok(map) = serde_json::from_value::<ContextMap>(value.clone()) {
        let bytes: usize = map.iter().map(|(key, value)| key.len() + value.len()).sum();
        assert!(map.iter().count() <= ContextMap::MAX_ENTRIES && bytes <= ContextMap::MAX_BYTES);
        let written = serde_json::to_string(&map).expect("a map of strings");
        let again: ContextMap = serde_json::from_str(&written).expect("as it was written");
        assert!(map.iter().eq(again.iter()));
    } else {
        assert!(!value.is_object() && !value.is_null(), "{value} is lost");
    }
    if let Ok(id) = serde_json::from_value::<RequestId>(value) {
        assert!(!id.as_ref().is_empty() && id.as_ref().bytes().all(|byte| byte.is_ascii_graphic()));
    }
});
