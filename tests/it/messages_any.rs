//! For any content of a message: no panic, no unescaped text, no unlimited size.

use propagate_context::traceparent::{TRACEPARENT, TRACESTATE};
use propagate_context::{Carrier, ContextVar, Propagator, REQUEST_ID};
use proptest::prelude::*;

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");
static ATTEMPT: ContextVar<u32> = ContextVar::new("attempt").header("x-attempt");
static REGION: ContextVar<String> = ContextVar::new("region").baggage("region");

fn propagator() -> Propagator {
    Propagator::new()
        .with_variable(&TENANT)
        .with_variable(&ATTEMPT)
        .with_variable(&REGION)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,200}",
        "[a-z0-9=;,% ]{0,300}",
        "00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
        "[a-z]{1,5}=[a-z0-9%]{0,20}(;[a-z]=[a-z]){0,2}(,[a-z]{1,5}=[a-z%]{0,9}){0,80}",
        ".{0,20}".prop_map(|unit| unit.repeat(600)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_message(values in proptest::collection::vec((0..6_usize, text()), 0..12)) {
        let keys = ["x-request-id", "X-Tenant", "x-attempt", "baggage", "traceparent", "tracestate"];
        let message: Vec<_> = values.into_iter().map(|(key, value)| (keys[key].to_owned(), value)).collect();
        let got = propagator().extract(&message);
        let mut out = http::HeaderMap::new();
        got.inject(&mut out);
        for (name, value) in &out {
            prop_assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)), "{name}: {value:?}");
            prop_assert!(value.len() <= 8192);
        }
        let again = propagator().extract(&out);
        prop_assert_eq!(again.get(&REQUEST_ID), got.get(&REQUEST_ID));
        prop_assert_eq!(again.get(&TRACEPARENT), got.get(&TRACEPARENT));
        prop_assert_eq!(again.get(&TRACESTATE), got.get(&TRACESTATE));
        prop_assert_eq!(again.get(&ATTEMPT), got.get(&ATTEMPT));
    }

    #[test]
    fn any_header(value in proptest::collection::vec(any::<u8>(), 0..300), twice in any::<bool>()) {
        let mut headers = http::HeaderMap::new();
        if let Ok(value) = http::HeaderValue::from_bytes(&value) {
            for name in ["x-request-id", "x-tenant", "baggage", "traceparent", "tracestate"] {
                headers.append(name, value.clone());
                if twice {
                    headers.append(name, value.clone());
                }
            }
        }
        let got = propagator().extract(&headers);
        if let Some(tenant) = got.get(&TENANT) {
            prop_assert!(!twice && tenant.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}

struct Bytes(Vec<u8>);

impl Carrier for Bytes {
    fn visit(&self, _: &str, each: &mut dyn FnMut(&[u8])) {
        each(&self.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// A carrier of raw bytes, such as that of a broker, which returns them for every key.
    #[test]
    fn any_bytes(value in proptest::collection::vec(any::<u8>(), 0..300)) {
        let got = propagator().extract(&Bytes(value));
        let mut controls = 0;
        got.visit_logged(|_, value| controls += value.to_string().chars().filter(|c| c.is_control()).count());
        prop_assert_eq!(controls, 0);
    }
}
