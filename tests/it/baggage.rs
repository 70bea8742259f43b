//! The `baggage` header according to its standard: encoding, properties, limits.

use propagate_context::baggage::{Baggage, MAX_BYTES, MAX_MEMBERS};
use propagate_context::http::ContextLayer;
use propagate_context::{Context, ContextVar, Propagator, context_entry};
use proptest::prelude::*;

use crate::support::wire::Log;

static TENANT: ContextVar<String> = ContextVar::new("tenant").baggage("tenant");
static PLAN: ContextVar<String> = ContextVar::new("plan").baggage("plan");

fn propagator() -> Propagator {
    Propagator::new()
        .with_variable(&TENANT)
        .with_variable(&PLAN)
}

fn message(baggage: &str) -> Vec<(String, String)> {
    vec![("baggage".to_owned(), baggage.to_owned())]
}

/// Sorts the members by key. Their order is that in which the variables were first used, possibly in another test.
fn sorted(header: &str) -> Vec<&str> {
    let mut members: Vec<_> = header.split(',').collect();
    members.sort_unstable();
    members
}

fn out(context: &Context, mut message: Vec<(String, String)>) -> String {
    context.inject(&mut message);
    message
        .into_iter()
        .find(|(key, _)| key == "baggage")
        .map(|(_, value)| value)
        .unwrap_or_default()
}

#[test]
fn members_are_percent_encoded() {
    #[rustfmt::skip]
    let cases = [
        ("a=1",                      Some("1")),
        (" a = 1 ",                  Some("1")),
        ("a=1;p;q=r",                Some("1")),
        ("a=",                       Some("")),
        ("a=1 ; p ; q = r%20",       Some("1")),
        ("a=1;p=",                   Some("1")),
        // A property has a key.
        ("a=1;",                     None),
        ("a=1;;p",                   None),
        ("a=1;p;",                   None),
        ("a=1; ",                    None),
        ("a=1;=r",                   None),
        ("a=1;p q",                  None),
        ("a=1;p=q r",                None),
        ("b=2, a=1",                 Some("1")),
        ("a=1,a=2",                  Some("2")),
        ("a=M%C3%BCller",            Some("Müller")),
        ("a=%20%2C%3B%22%5C%25",     Some(" ,;\"\\%")),
        ("a=b=c",                    Some("b=c")),
        ("a=%zz%4",                  Some("%zz%4")),
        ("a=%FF",                    Some("\u{fffd}")),
        ("a",                        None),
        ("a b=1",                    None),
        ("=1",                       None),
        ("a=\"1\"",                  None),
        ("a=b c",                    None),
        ("a=\u{fc}",                 None),
        ("A=1",                      None),
        // A key is never decoded, and a value once.
        ("%61=1",                    None),
        ("a=%2561",                  Some("%61")),
        ("a=%c3%bc+%2B",             Some("\u{fc}++")),
        ("a=%E2%82",                 Some("\u{fffd}")),
        ("a=%",                      Some("%")),
        // Only the space and the tab are space.
        ("\ta\t=\t1\t;\tp",          Some("1")),
        ("a\u{a0}=1",                None),
        ("a=1\u{2003}",              None),
        ("a=1\u{b}",                 None),
        ("a=1\r\n",                  None),
        ("a=1\0",                    None),
        // Empty members are none; so is one without a key.
        (",a=1, ,",                  Some("1")),
        (";a=1",                     None),
        ("a=1;p=\"q\"",               None),
        ("a=1;p=q;p=r",              Some("1")),
        ("",                         None),
        (",,,",                      None),
    ];
    for (header, value) in cases {
        assert_eq!(Baggage::parse(header).get("a"), value, "{header}");
    }
}

#[test]
fn what_breaks_the_grammar_is_not_added() {
    for (key, properties, added) in [
        ("b", "", true),
        ("b", "p;q=r", true),
        ("b b", "", false),
        ("", "", false),
        ("b", "p q", false),
        ("b b", "p", false),
    ] {
        let mut baggage = Baggage::new();
        assert_eq!(
            baggage.add(key, "1", properties),
            added,
            "{key};{properties}"
        );
        assert_eq!(baggage.get(key).is_some(), added, "{key};{properties}");
    }
}

#[test]
fn limits_drop_whole_members() {
    for (count, dropped) in [(MAX_MEMBERS, 0), (MAX_MEMBERS + 1, 1)] {
        let header = (0..count)
            .map(|n| format!("k{n}=v"))
            .collect::<Vec<_>>()
            .join(",");
        let baggage = Baggage::parse(&header);
        assert_eq!(
            (baggage.members().count(), baggage.dropped()),
            (MAX_MEMBERS, dropped)
        );
    }
    for (bytes, dropped) in [(MAX_BYTES, 0), (MAX_BYTES + 1, 1)] {
        let header = format!("a=1,b={}", "x".repeat(bytes - "a=1,b=".len()));
        assert_eq!(header.len(), bytes);
        let baggage = Baggage::parse(&header);
        assert_eq!(
            (
                baggage.get("a"),
                baggage.get("b").is_some(),
                baggage.dropped()
            ),
            (Some("1"), dropped == 0, dropped)
        );
        assert!(baggage.to_string().len() <= MAX_BYTES);
    }
}

#[test]
fn one_line_says_how_many_members_were_dropped() {
    let log = Log::capture();
    let got = propagator().extract(&message("tenant=acme,b b=1,c"));
    assert_eq!(got.get(&TENANT).as_deref(), Some("acme"));
    let lines = log.take();
    assert!(
        lines.len() == 1 && lines[0].says("dropped 2 members of `baggage`"),
        "{lines:#?}"
    );
}

#[test]
fn a_member_of_the_maximum_size_is_accepted() {
    let member = |bytes: usize| format!("a={}", "x".repeat(bytes - "a=".len()));
    assert!(Baggage::parse(&member(MAX_BYTES)).get("a").is_some());
    assert!(Baggage::parse(&member(MAX_BYTES + 1)).is_empty());
    // What the encoding adds counts, and what follows the value.
    for text in ["a=%20;p=", "a=%C3%BC;p=", "a=1;p=", "a=1;p;q="] {
        let fill = |bytes: usize| text.to_owned() + &"x".repeat(bytes - text.len());
        let baggage = Baggage::parse(&fill(MAX_BYTES));
        assert_eq!(baggage.to_string(), fill(MAX_BYTES));
        assert!(Baggage::parse(&fill(MAX_BYTES + 1)).is_empty(), "{text}");
        let member = baggage.member("a").unwrap();
        let mut again = Baggage::parse("b=1");
        assert!(!again.add("a", member.value(), member.properties()));
        assert!(Baggage::new().add("a", member.value(), member.properties()));
        let longer = format!("{}x", member.properties());
        assert!(!Baggage::new().add("a", member.value(), &longer), "{text}");
    }
}

/// An outgoing value is written completely or not at all, and one line reports all dropped values.
#[test]
fn values_beyond_the_limits_are_dropped_with_one_warning() {
    let log = Log::capture();
    let room = |bytes: usize| "x".repeat(bytes - "tenant=".len());
    let context = Context::empty().with(&TENANT, room(MAX_BYTES));
    assert_eq!(out(&context, Vec::new()).len(), MAX_BYTES);
    assert!(log.take().is_empty());

    let context = Context::empty()
        .with(&TENANT, room(MAX_BYTES + 1))
        .with(&PLAN, "gold".to_owned());
    assert_eq!(out(&context, Vec::new()), "plan=gold");
    let full = (0..MAX_MEMBERS)
        .map(|n| format!("k{n}=v"))
        .collect::<Vec<_>>()
        .join(",");
    assert_eq!(
        out(
            &Context::empty().with(&PLAN, "gold".to_owned()),
            message(&full)
        ),
        full
    );
    let lines = log.take();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines.iter().all(|line| line.says("WARN")), "{lines:#?}");
}

#[test]
fn properties_are_forwarded_with_their_value() {
    let context = propagator().extract(&message("tenant=acme;ttl=3;safe, plan=gold, foreign=1"));
    assert_eq!(
        sorted(&out(&context, Vec::new())),
        ["plan=gold", "tenant=acme;ttl=3;safe"]
    );
    // A tab, which a header map accepts in received headers but does not allow to be sent.
    let tabbed = propagator().extract(&message("tenant=acme;a\t=1"));
    let mut headers = http::HeaderMap::new();
    tabbed.inject(&mut headers);
    assert_eq!(headers["baggage"], "tenant=acme;a =1");
    // The properties of another value are not added to this one.
    let changed = context.with(&TENANT, "other".to_owned());
    assert_eq!(
        sorted(&out(&changed, Vec::new())),
        ["plan=gold", "tenant=other"]
    );
}

/// The layer keeps the properties of its member, and the inner entry keeps those of another member.
#[tokio::test]
async fn properties_of_two_entries_are_forwarded() {
    #[context_entry(vars = [PLAN])]
    async fn handler() -> String {
        out(&Context::current(), Vec::new())
    }
    let app = axum::Router::new()
        .route("/", axum::routing::get(handler))
        .layer(ContextLayer::new().extract(&TENANT));
    let sent: &[(&str, &[u8])] = &[("baggage", b"tenant=acme;ttl=3,plan=gold;safe")];
    let answer = crate::support::wire::get(crate::support::wire::serve(app).await, "/", sent).await;
    assert_eq!(
        sorted(&answer.body),
        ["plan=gold;safe", "tenant=acme;ttl=3"]
    );
}

#[test]
fn a_duplicate_member_is_ignored() {
    let log = Log::capture();
    let got = propagator().extract(&message("tenant=a,plan=gold,tenant=b"));
    assert_eq!(
        (got.get(&TENANT), got.get(&PLAN).as_deref()),
        (None, Some("gold"))
    );
    let lines = log.take();
    assert!(
        lines.len() == 1 && lines[0].says("occurs 2 times"),
        "{lines:#?}"
    );
}

#[test]
fn members_of_the_caller_are_kept() {
    let context = Context::empty()
        .with(&TENANT, "a,b".to_owned())
        .with(&PLAN, "gold".to_owned());
    assert_eq!(
        out(&context, message("plan=silver;x, other=%20")),
        "plan=silver;x,other=%20,tenant=a%2Cb"
    );
}

/// Empty members are skipped, and not counted as dropped.
#[test]
fn empty_members_are_not_counted() {
    let header = format!("{}a=1{}", ",".repeat(1000), " ,\t,".repeat(1000));
    let baggage = Baggage::parse(&header);
    assert_eq!((baggage.get("a"), baggage.dropped()), (Some("1"), 0));
    assert_eq!(baggage.to_string(), "a=1");
}

/// The limits apply to all headers together.
#[test]
fn limits_apply_to_all_headers_together() {
    let mut baggage = Baggage::new();
    for n in 0..=MAX_MEMBERS {
        baggage.extend(&format!("k{n}=v"));
    }
    assert_eq!(
        (baggage.members().count(), baggage.dropped()),
        (MAX_MEMBERS, 1)
    );
    let mut baggage = Baggage::new();
    for n in 0..9 {
        baggage.extend(&format!("k{n}={}", "x".repeat(1020)));
    }
    assert_eq!((baggage.to_string().len(), baggage.dropped()), (8191, 1));
    // The decoded value is shorter than the header: what counts is what is sent.
    let mut baggage = Baggage::new();
    baggage.extend(&format!("a={}", "%20".repeat(2730)));
    baggage.extend("b=1");
    assert_eq!((baggage.to_string().len(), baggage.dropped()), (8192, 1));
}

/// The header is only rewritten if there is something to add.
#[test]
fn several_headers_are_merged() {
    let several = || {
        [
            message("a=1,,broken"),
            message("b=2;p"),
            message("plan=silver"),
        ]
        .concat()
    };
    let mut untouched = several();
    Context::empty().inject(&mut untouched);
    assert_eq!(untouched, several());

    let mut merged = several();
    let context = Context::empty()
        .with(&TENANT, "acme".to_owned())
        .with(&PLAN, "gold".to_owned());
    context.inject(&mut merged);
    assert_eq!(merged, message("a=1,b=2;p,plan=silver,tenant=acme"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_round_trips(value in any::<String>()) {
        let context = Context::empty().with(&TENANT, value.clone());
        let header = out(&context, Vec::new());
        prop_assert!(header.bytes().all(|byte| byte.is_ascii_graphic()));
        let parsed = Baggage::parse(&header);
        prop_assert_eq!(parsed.get("tenant"), Some(value.as_str()));
    }

    #[test]
    fn parsed_members_round_trip(header in "[ -~]{0,400}") {
        let once = Baggage::parse(&header);
        let again = Baggage::parse(&once.to_string());
        prop_assert_eq!(again.dropped(), 0);
        prop_assert!(once.members().eq(again.members()));
    }

    #[test]
    fn any_header_is_parsed_without_a_panic(header in any::<String>()) {
        let baggage = Baggage::parse(&header);
        prop_assert!(baggage.to_string().len() <= MAX_BYTES);
    }
}
