//! R9: a variable is neither logged nor sent unless its declaration says so.

use std::collections::HashMap;

use propagate_context::{
    Context, ContextVar, Propagator, REQUEST_ID, RequestId, Variable, visit_logged,
};

static PLAIN: ContextVar<String> = ContextVar::new("plain");
static LOGGED: ContextVar<String> = ContextVar::new("logged").logged();
static SENT: ContextVar<u32> = ContextVar::new("sent").header("X-Sent");
static BAGGAGE: ContextVar<u32> = ContextVar::new("baggage").baggage("bag");
static SECRET: ContextVar<u32> = ContextVar::new("secret").logged().task_only();

fn context() -> Context {
    Context::empty()
        .with(&PLAIN, "p".to_owned())
        .with(&LOGGED, "l".to_owned())
        .with(&SENT, 1)
        .with(&BAGGAGE, 2)
}

fn logged() -> Vec<String> {
    let mut lines = Vec::new();
    visit_logged(|name, value| lines.push(format!("{name}={value}")));
    lines.sort(); // Their order is that of first use, possibly in another test.
    lines
}

#[test]
fn only_logged_variables_are_logged() {
    assert_eq!(context().sync_scope(logged), ["logged=l"]);
    let mut of_the_snapshot = Vec::new();
    context().visit_logged(|name, value| of_the_snapshot.push(format!("{name}={value}")));
    assert_eq!(of_the_snapshot, ["logged=l"]);
}

#[test]
fn only_variables_with_a_key_are_sent() {
    let mut sent = Vec::new();
    context().visit_outbound(|variable, value| {
        sent.push(format!(
            "{:?} {:?} {value}",
            variable.header_name(),
            variable.baggage_key()
        ));
    });
    sent.sort();
    assert_eq!(sent, [r#"None Some("bag") 2"#, r#"Some("X-Sent") None 1"#]);
    let mut headers = HashMap::new();
    context().inject(&mut headers);
    let mut headers: Vec<_> = headers.into_iter().collect();
    headers.sort();
    let expected =
        [("X-Sent", "1"), ("baggage", "bag=2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(headers, expected);
}

#[test]
fn only_variables_with_a_key_are_read_from_a_carrier() {
    let sent: HashMap<String, String> = [
        ("plain", "text"),
        ("logged", "text"),
        ("X-Sent", "7"),
        ("sent", "8"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let context = Propagator::new().with_variable(&SENT).extract(&sent);
    assert_eq!(
        (
            context.get(&PLAIN),
            context.get(&LOGGED),
            context.get(&SENT)
        ),
        (None, None, Some(7))
    );
}

#[test]
fn a_task_only_variable_is_logged_in_its_task_but_not_in_children() {
    context().sync_scope(|| {
        SECRET.set(3);
        assert_eq!(logged(), ["logged=l", "secret=3"]);
        assert_eq!(Context::current().sync_scope(logged), ["logged=l"]);
    });
}

#[test]
fn the_request_id_is_logged_and_sent() {
    assert_eq!(
        (REQUEST_ID.name(), REQUEST_ID.header_name()),
        ("request_id", Some("X-Request-ID"))
    );
    let id: RequestId = "r-1".parse().unwrap();
    let context = Context::empty().with(&REQUEST_ID, id);
    assert_eq!(context.sync_scope(logged), ["request_id=r-1"]);
    let mut headers = HashMap::new();
    context.inject(&mut headers);
    assert_eq!(headers["X-Request-ID"], "r-1");
}

#[test]
fn a_request_id_is_never_empty_or_invalid() {
    use propagate_context::request_id::InvalidRequestId::{Empty, Forbidden, TooLong};
    let longest = "a".repeat(200);
    for good in ["a", "A-Z.a_z:0@9/+=-", &longest] {
        assert_eq!(good.parse::<RequestId>().unwrap().as_str(), good);
    }
    let too_long = "a".repeat(201);
    for (bad, why) in [
        ("", Empty),
        (&*too_long, TooLong { bytes: 201 }),
        ("two words", Forbidden { at: 3 }),
        ("line\nbreak", Forbidden { at: 4 }),
        ("\u{1b}[2J", Forbidden { at: 0 }),
        ("caf\u{e9}", Forbidden { at: 3 }),
        ("a\u{202e}b", Forbidden { at: 1 }),
        ("a\",\"admin\":true", Forbidden { at: 1 }),
    ] {
        assert_eq!(bad.parse::<RequestId>(), Err(why));
        assert_eq!(RequestId::try_from(bad.to_owned()), Err(why));
        assert!(serde_json::from_value::<RequestId>(bad.into()).is_err());
    }
    for made in [RequestId::new_v4(), RequestId::new_v7()] {
        assert_eq!(made.as_str().parse::<RequestId>(), Ok(made.clone()));
        let json = serde_json::to_value(&made).unwrap();
        assert_eq!(
            (
                json.as_str(),
                &serde_json::from_value(json.clone()).unwrap()
            ),
            (Some(made.as_str()), &made)
        );
    }
    assert_eq!(RequestId::new_v4().as_str().as_bytes()[14], b'4');
    assert_eq!(RequestId::new_v7().as_str().as_bytes()[14], b'7');
}

#[test]
fn variables_of_the_same_name_are_distinct() {
    static A: ContextVar<u32> = ContextVar::new("same");
    static B: ContextVar<u32> = ContextVar::new("same");
    let context = Context::empty().with(&A, 1);
    assert_eq!((context.get(&A), context.get(&B)), (Some(1), None));
    let context = context.with(&B, 2);
    assert_eq!((context.get(&A), context.get(&B)), (Some(1), Some(2)));
}
