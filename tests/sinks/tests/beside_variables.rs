//! The parts of a line besides declared variables: fields, registered sources, placeholders; and the types in JSON.

use std::sync::atomic::{AtomicBool, Ordering};

use propagate_context::tracing::with_context;
use propagate_context::{Context, ContextVar, FieldValue, REQUEST_ID, add_log_source, field};
use propagate_context_sinks::Output;
use serde_json::{Value, json};
use tracing::info;

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

/// Returns the members of the line that `run` logs, without those of the format.
fn line(run: impl FnOnce()) -> Value {
    let output = Output::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .without_time()
        .with_level(false)
        .with_target(false)
        .with_writer(output.plain())
        .map_event_format(|format| with_context(format).placeholder(&REQUEST_ID, "-"))
        .finish();
    propagate_context_tests::with_default(subscriber, run);
    let written = output.take();
    let mut line: Value = serde_json::from_str(&written).expect(&written);
    let members = line.as_object_mut().expect("an object");
    members.remove("message");
    members.remove("source");
    line
}

#[test]
fn numbers_and_booleans_have_their_types() {
    static U: ContextVar<u64> = ContextVar::new("u").logged();
    static I: ContextVar<i8> = ContextVar::new("i").logged();
    static B: ContextVar<bool> = ContextVar::new("b").logged();
    static F: ContextVar<f64> = ContextVar::new("f").logged();
    static NAN: ContextVar<f32> = ContextVar::new("nan").logged();
    static TEXT: ContextVar<String> = ContextVar::new("text").logged();
    let context = Context::empty()
        .with(&U, u64::MAX)
        .with(&I, -3)
        .with(&B, true)
        .with(&F, 0.25)
        .with(&NAN, f32::NAN)
        .with(&TEXT, "17".to_owned());
    assert_eq!(
        context.sync_scope(|| line(|| info!(""))),
        json!({"u": u64::MAX, "i": -3, "b": true, "f": 0.25, "nan": "NaN", "text": "17", "request_id": "-"})
    );
}

#[test]
fn a_field_is_on_the_lines_of_its_scope_and_its_children() {
    TENANT.sync_scope("acme", || {
        field("cart_items", 3);
        field("coupon", "two words");
        field("cart_items", 4);
        field("peer", FieldValue::display(std::net::Ipv4Addr::LOCALHOST));
        let expected = json!({"tenant": "acme", "cart_items": 4, "coupon": "two words", "peer": "127.0.0.1", "request_id": "-"});
        assert_eq!(line(|| info!("")), expected);

        let child = Context::current().wrap(move || line(|| info!("")));
        field("late", true);
        assert_eq!(std::thread::spawn(child).join().unwrap(), expected);
        Context::current().sync_scope(|| field("inner", 1));
        assert_eq!(line(|| info!(""))["inner"], Value::Null);
    });
    assert_eq!(line(|| info!("")), json!({"request_id": "-"}));
}

#[test]
fn a_field_outside_of_every_scope_is_ignored() {
    field("cart_items", 3);
    assert_eq!(line(|| info!("")), json!({"request_id": "-"}));
}

#[test]
fn a_field_does_not_take_the_name_of_a_variable() {
    TENANT.sync_scope("acme", || {
        field("tenant", "forged");
        field("message", "mine");
        assert_eq!(
            line(|| info!(tenant = "event")),
            json!({"tenant": "acme", "tenant_2": "forged", "context_message": "mine", "event_tenant": "event", "request_id": "-"})
        );
    });
}

#[test]
fn fields_are_limited() {
    Context::empty().sync_scope(|| {
        for n in 0..100 {
            field(format!("n{n}"), n);
        }
        field("n0", "x".repeat(1 << 20));
        let line = line(|| info!(""));
        assert_eq!(line.as_object().map(serde_json::Map::len), Some(33));
        assert_eq!(line["n0"], format!("{}…<cut>", "x".repeat(1024)));
    });
}

#[test]
fn a_placeholder_is_there_until_the_variable_is_set() {
    assert_eq!(line(|| info!("")), json!({"request_id": "-"}));
    REQUEST_ID.sync_scope("r-17".parse().unwrap(), || {
        assert_eq!(line(|| info!("")), json!({"request_id": "r-17"}));
    });
}

#[test]
fn a_source_adds_keys_as_safe_as_variables() {
    static ON: AtomicBool = AtomicBool::new(false);
    thread_local! {
        static HERE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    add_log_source(|add| {
        if HERE.get() && ON.load(Ordering::Relaxed) {
            info!("a source that logs is not asked again");
            add("trace_id", &"4bf9\n");
            add("tenant", &"forged");
            panic!("and one that panics costs the rest of its keys");
        }
    });
    HERE.set(true);
    ON.store(true, Ordering::Relaxed);
    TENANT.sync_scope("acme", || {
        assert_eq!(
            line(|| info!("")),
            json!({"tenant": "acme", "trace_id": "4bf9\n", "tenant_2": "forged", "request_id": "-"})
        );
    });
    HERE.set(false);
}
