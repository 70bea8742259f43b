//! `traceparent` and `tracestate`: only what the standard allows is accepted.

use propagate_context::Propagator;
use propagate_context::traceparent::{TRACEPARENT, TRACESTATE, TraceParent, TraceState};
use proptest::prelude::*;

#[test]
fn traceparents_are_validated() {
    #[rustfmt::skip]
    let cases = [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",      true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff",      true),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",      true),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what", true),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-\u{e4}",  true),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-\u{e4}",  false),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\u{e4}",   false),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what", false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what", false),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",      false),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01",      false),
        ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",      false),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",      false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",         false),
        ("00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",      false),
        ("00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",      false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ",     false),
        ("",                                                             false),
    ];
    for (text, valid) in cases {
        assert_eq!(text.parse::<TraceParent>().is_ok(), valid, "{text}");
    }
    for (length, valid) in [(256, true), (257, false)] {
        let text = format!(
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-{:x<1$}",
            "",
            length - 56
        );
        assert_eq!(text.len(), length);
        assert_eq!(text.parse::<TraceParent>().is_ok(), valid, "{text}");
    }
    let error = "secret".parse::<TraceParent>().unwrap_err().to_string();
    assert_eq!(error, "not a `traceparent` of W3C Trace Context (6 bytes)");
}

#[test]
fn tracestates_are_validated() {
    let members = |count: usize| {
        (0..count)
            .map(|n| format!("k{n}=v"))
            .collect::<Vec<_>>()
            .join(",")
    };
    for (text, valid) in [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE".to_owned(), true),
        ("1a@vendor=x y, ,b=2".to_owned(), true),
        (members(32), true),
        (members(33), false),
        (format!("a=1{}", ",".repeat(31)), true),
        (format!("a=1{}", ",".repeat(32)), false),
        (format!("{}=1,b={}", "a".repeat(250), "x".repeat(256)), true),
        (format!("{}=1,b={}", "a".repeat(256), "x".repeat(256)), true),
        // Longer than is propagated, and longer than is read.
        (format!("{}={}", "a".repeat(256), "x".repeat(256)), false),
        (format!("a=1{}", " ".repeat(8192)), false),
        (format!("a={}", "x".repeat(256)), true),
        (format!("a={}", "x".repeat(257)), false),
        (format!("{}=1", "a".repeat(256)), true),
        (format!("{}=1", "a".repeat(257)), false),
        ("Rojo=1".to_owned(), false),
        ("a".to_owned(), false),
        ("a=".to_owned(), false),
        ("a=\u{e4}".to_owned(), false),
        ("a=\t".to_owned(), false),
        // Space around a member is not its own, space in it is; a key has none.
        (" a=1\t,\tb=2 ".to_owned(), true),
        ("a= 1".to_owned(), true),
        ("a=1\u{a0}".to_owned(), false),
        ("a =1".to_owned(), false),
        ("a=1=2".to_owned(), false),
        ("a=1;b".to_owned(), true),
        ("a=\"1\"".to_owned(), true),
        ("=1".to_owned(), false),
        ("@a=1".to_owned(), false),
        ("a%62=1".to_owned(), false),
        ("0_-*/@0=~".to_owned(), true),
        // One member that is not well-formed spoils the others.
        ("a=1,b".to_owned(), false),
        (",,".to_owned(), false),
        (String::new(), false),
        (format!("{}=1,b={}", "a".repeat(251), "x".repeat(256)), true),
        (
            format!("{}=1,b={}", "a".repeat(251), "x".repeat(257)),
            false,
        ),
    ] {
        assert_eq!(text.parse::<TraceState>().is_ok(), valid, "{text}");
    }
}

/// Up to 512 characters are propagated. From a longer value, whole members are removed in the order of the standard.
#[test]
fn a_long_tracestate_is_shortened_by_whole_members() {
    let member = |key: &str, length: usize| format!("{key}={}", "x".repeat(length - 2));
    let joined = |members: &[(&str, usize)]| {
        let members: Vec<_> = members
            .iter()
            .map(|(key, length)| member(key, *length))
            .collect();
        members.join(",")
    };
    let short = ["a", "b", "c", "d", "e", "f"].map(|key| (key, 100));
    for (members, kept) in [
        // 512 characters, and one more.
        (&[("a", 255), ("b", 256)][..], &[("a", 255), ("b", 256)][..]),
        (&[("a", 256), ("b", 256)], &[("a", 256)]),
        // First the last of the long members.
        (
            &[("a", 100), ("b", 129), ("c", 128), ("d", 128), ("e", 128)],
            &[("a", 100), ("c", 128), ("d", 128), ("e", 128)],
        ),
        (
            &[("a", 200), ("b", 200), ("c", 200), ("d", 20)],
            &[("a", 200), ("b", 200), ("d", 20)],
        ),
        // Then the last members.
        (&short, &short[..5]),
        (&[("a", 128); 5], &[("a", 128)]),
    ] {
        let state: TraceState = joined(members).parse().unwrap();
        assert_eq!(state.as_str(), joined(kept));
        assert!(state.as_str().len() <= 512);
    }
    // Whitespace around members is removed before any member.
    let spacious = format!("{} ,\t{}", member("a", 255), member("b", 256));
    let state: TraceState = spacious.parse().unwrap();
    assert_eq!(state.as_str().len(), 512);
}

/// If the tail of a later version cannot be forwarded, the fields of version 00 remain.
#[test]
fn a_later_version_that_cannot_be_forwarded_is_reduced() {
    let parent = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-\u{e4}";
    let parent: TraceParent = parent.parse().unwrap();
    assert_eq!(
        parent.as_str(),
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    );
}

/// Both headers must come from the same hop to belong together.
#[test]
fn headers_are_accepted_together() {
    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const LATER: &[u8] = b"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-\xff\xe4";
    let taken = |values: &[(&'static str, &[u8])]| {
        let mut headers = http::HeaderMap::new();
        for (name, value) in values {
            headers.append(*name, http::HeaderValue::from_bytes(value).unwrap());
        }
        let context = Propagator::new().extract(&headers);
        let state = context.get(&TRACESTATE).map(|state| state.to_string());
        (
            context.get(&TRACEPARENT).is_some(),
            state.unwrap_or_default(),
        )
    };
    let parent = ("traceparent", PARENT.as_bytes());
    let state = ("tracestate", &b"a=1"[..]);
    let long = ["a", "b"].map(|key| format!("{key}={}", "x".repeat(253)));
    let halves = long.each_ref().map(|half| ("tracestate", half.as_bytes()));
    for (values, parents, states) in [
        (&[parent, halves[0], halves[1]][..], true, &*long.join(",")),
        (&[parent, state][..], true, "a=1"),
        (&[parent, state, ("tracestate", b" b=2 ")], true, "a=1,b=2"),
        (&[parent, state, ("tracestate", b"\xff")], true, ""),
        (&[parent, ("tracestate", b"not a state")], true, ""),
        (&[parent, parent, state], false, ""),
        (&[("traceparent", b"not a parent"), state], false, ""),
        (&[state], false, ""),
        // If two members have the same key, one is dropped, and the other members stay.
        (&[parent, ("tracestate", b"a=1,b=2,a=3")], true, "a=1,b=2"),
        (
            &[parent, state, ("tracestate", b"b=2, a=3 ")],
            true,
            "a=1,b=2",
        ),
        (&[parent, ("tracestate", b"a=1,a=1")], true, "a=1"),
        (&[("traceparent", LATER), state], true, "a=1"),
    ] {
        assert_eq!(taken(values), (parents, states.to_owned()), "{values:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn accepted_values_are_kept_verbatim(text in prop_oneof![
        any::<String>(), "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.{0,9})?", "[a-z=, ]{0,600}",
    ]) {
        if let Ok(parent) = text.parse::<TraceParent>() {
            let is_verbatim = text.bytes().all(|byte| byte.is_ascii_graphic());
            let fields = if is_verbatim { text.clone() } else { format!("00{}", &text[2..55]) };
            prop_assert_eq!(parent.as_str(), fields);
            prop_assert_eq!(parent.trace_id().len(), 32);
        }
        if let Ok(state) = text.parse::<TraceState>() {
            let mut seen = std::collections::HashSet::new();
            let mut members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
            if text.len() <= 512 && members.all(|member| seen.insert(member.split('=').next())) {
                prop_assert_eq!(state.as_str(), &text);
            }
        }
    }
}
