//! Values, names and messages of every kind: a line is a single line, and shows its content correctly.

use std::error::Error;
use std::fmt;
use std::num::{NonZero, Saturating, Wrapping};
use std::panic::panic_any;
use std::sync::Arc;

use propagate_context::tracing::with_context;
use propagate_context::{Context, ContextVar, FieldValue, add_log_source, field};
use propagate_context_sinks::{FORMATS, Output};
use propagate_context_tests::{OnDrop, with_default};
use serde_json::{Value, json};
use tracing::{info, info_span};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();

/// Returns the output of the format of this name.
fn lines(name: &str, run: impl FnOnce()) -> String {
    let (_, subscriber) = FORMATS
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap();
    let output = Output::default();
    with_default(subscriber(&output, true), run);
    output.take()
}

fn json_line(run: impl FnOnce()) -> Value {
    let written = lines("json", run);
    serde_json::from_str(&written).expect(&written)
}

/// Characters that end a line, or that move, hide or color other characters.
const HARMFUL: &str = "\0\u{1}\u{7}\u{8}\u{b}\u{c}\r\n\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9f}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{206f}\u{3164}\u{feff}\u{ffa0}\u{fff9}\u{fffb}\u{1bca0}\u{1d173}\u{e0001}\u{e0100}\u{e01ef}\u{e0fff}";

#[test]
fn harmful_characters_of_a_value_are_escaped() {
    for c in HARMFUL.chars().chain(['\t']) {
        for (name, _) in FORMATS {
            let written = lines(name, || {
                TENANT.sync_scope(format!("a{c}b"), || info!("placed"))
            });
            let written = written
                .replace("\x1b[", "")
                .trim_end()
                .replace("\n    at ", "");
            assert!(!written.contains(c), "{name}: {c:?} in {written:?}");
        }
        let line = json_line(|| TENANT.sync_scope(format!("a{c}b"), || info!("placed")));
        assert_eq!(line["tenant"], format!("a{c}b"));
    }
}

#[test]
fn harmful_characters_of_a_text_event_are_escaped() {
    for c in HARMFUL.chars() {
        for name in ["full", "full, colours", "compact", "pretty"] {
            let text = format!("x{c}y");
            let written = lines(name, || {
                TENANT.sync_scope("acme".to_owned(), || {
                    info_span!("request", display = %text, quoted = text).in_scope(|| {
                        info!(display = %text, quoted = text, error = &Failed(text.clone(), None) as &dyn Error, "{text}");
                    });
                });
            });
            assert!(!written.contains(&text), "{name}: {c:?} in {written:?}");
        }
    }
    // Tabs neither break nor hide anything.
    assert!(lines("full", || info!("a\tb")).contains("a\tb"));
}

#[test]
fn scripts_and_emoji_are_unchanged() {
    for text in [
        "naïve café",
        "दक्ष\u{200d}",
        "👩\u{200d}💻",
        "❤\u{fe0f}",
        "日本語",
        "\u{a0}",
        "𝄞",
    ] {
        for (name, _) in FORMATS {
            let written = lines(name, || {
                TENANT.sync_scope(text.to_owned(), || info!("{text}"))
            });
            assert_eq!(written.matches(text).count(), 2, "{name}: {written}");
        }
    }
}

#[derive(Debug)]
struct Failed(String, Option<Box<Failed>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

#[test]
fn a_renamed_field_affects_no_other_field() {
    for name in ["full", "full, colours", "compact", "pretty"] {
        let log = |forged: bool| {
            let error = Failed(
                "failed".into(),
                Some(Box::new(Failed("since".into(), None))),
            );
            let error: &dyn Error = &error;
            if forged {
                info!(tenant = "evil", items = 3, ratio = -0.0, ok = true, big = u128::MAX, text = "a \"b\"", shown = %"c d", none = None::<u8>, some = Some(4), r#type = "t", error, "placed");
            } else {
                info!(event_tenant = "evil", items = 3, ratio = -0.0, ok = true, big = u128::MAX, text = "a \"b\"", shown = %"c d", none = None::<u8>, some = Some(4), r#type = "t", error, "placed");
            }
        };
        let [forged, plain] = [true, false].map(|forged| {
            let written = lines(name, || {
                TENANT.sync_scope("acme".to_owned(), || log(forged))
            });
            let lines = written.lines().filter(|line| !line.contains("    at "));
            let lines: Vec<String> = lines
                .map(|line| line.replace(|c: char| c.is_ascii_digit(), ""))
                .collect();
            lines.join("\n")
        });
        assert_eq!(forged, plain, "{name}");
    }
}

#[test]
fn keyword_fields_and_span_fields_cannot_impersonate_variables() {
    static TYPE: ContextVar<&str> = ContextVar::new("type").logged();
    TYPE.sync_scope("ours", || {
        for name in ["full", "full, colours", "compact", "pretty"] {
            let written = lines(name, || info!(r#type = "evil", "placed"));
            assert!(written.contains("event_type"), "{name}: {written}");
        }
        assert_eq!(
            json_line(|| info!(r#type = "evil", "placed"))["type"],
            "ours"
        );
    });
    for name in ["compact", "full"] {
        let written = lines(name, || {
            TENANT.sync_scope("acme".to_owned(), || {
                let span = info_span!("request", id = 3, tenant = "evil", note = %"x tenant=evil");
                span.in_scope(|| info!("placed"));
            });
        });
        let flat = written.replace(|c: char| c == '{', "{ ");
        let flat: Vec<&str> = flat
            .split(' ')
            .filter(|word| word.starts_with("tenant="))
            .collect();
        let expected = if name == "compact" { 1 } else { 3 };
        assert_eq!(flat.len(), expected, "{name}: {written}");
        assert!(written.contains("tenant=acme"), "{name}: {written}");
    }
}

#[test]
fn events_with_more_than_32_fields() {
    for name in ["full", "compact"] {
        let written = lines(name, || {
            TENANT.sync_scope("acme".to_owned(), || {
                info!(
                    tenant = "evil",
                    f1 = 1,
                    f2 = 2,
                    f3 = 3,
                    f4 = 4,
                    f5 = 5,
                    f6 = 6,
                    f7 = 7,
                    f8 = 8,
                    f9 = 9,
                    f10 = 10,
                    f11 = 11,
                    f12 = 12,
                    f13 = 13,
                    f14 = 14,
                    f15 = 15,
                    f16 = 16,
                    f17 = 17,
                    f18 = 18,
                    f19 = 19,
                    f20 = 20,
                    f21 = 21,
                    f22 = 22,
                    f23 = 23,
                    f24 = 24,
                    f25 = 25,
                    f26 = 26,
                    f27 = 27,
                    f28 = 28,
                    f29 = 29,
                    f30 = 30,
                    f31 = "31",
                    f32 = "32",
                    f33 = 33,
                    "placed"
                );
            });
        });
        for n in (1..=30).chain([33]) {
            assert!(
                written.contains(&format!(" f{n}={n}")),
                "{name}: {n} in {written}"
            );
        }
        assert!(
            written.contains(" event_tenant=\"evil\""),
            "{name}: {written}"
        );
        assert!(
            written.contains(" f31=\"31\" f32=\"32\""),
            "{name}: {written}"
        );
    }
}

#[test]
fn numbers_of_every_type() {
    macro_rules! each {
        ($($name:ident: $type:ty = $value:expr => $json:expr;)*) => {
            $(
                static $name: ContextVar<$type> = ContextVar::new(stringify!($name)).logged();
            )*
            let context = Context::empty()$(.with(&$name, $value))*;
            let line = context.sync_scope(|| json_line(|| info!("placed")));
            $( assert_eq!(line[stringify!($name)], json!($json), stringify!($name)); )*
        };
    }
    each! {
        U128: u128 = u128::from(u64::MAX) => u64::MAX;
        I128: i128 = -5 => -5;
        F32: f32 = 0.5 => 0.5;
        ZERO: f64 = -0.0 => -0.0;
        LARGE: f64 = 1e300 => 1e300;
        SMALL: f64 = 1e-300 => 1e-300;
        NAN: f64 = f64::NAN => "NaN";
        INF: f32 = f32::NEG_INFINITY => "-inf";
        NON_ZERO: NonZero<u64> = NonZero::new(3).unwrap() => 3;
        NON_ZERO_I: NonZero<i8> = NonZero::new(-3).unwrap() => -3;
        WRAPPING: Wrapping<u32> = Wrapping(4) => 4;
        SATURATING: Saturating<i64> = Saturating(-4) => -4;
        BOOL: bool = false => false;
        CHAR: char = '3' => "3";
        SHARED: Arc<str> = "4".into() => "4";
        BOXED: Box<str> = "5".into() => "5";
    }
    static HUGE: ContextVar<u128> = ContextVar::new("huge").logged();
    let written = HUGE.sync_scope(u128::MAX, || lines("json", || info!("placed")));
    assert!(
        written.starts_with("{\"huge\":340282366920938463463374607431768211455,"),
        "{written}"
    );
}

#[test]
fn text_is_truncated_in_all_types() {
    let text = "é".repeat(700);
    let cut = format!("{}…<cut>", "é".repeat(512));
    static SHARED: ContextVar<Arc<str>> = ContextVar::new("shared").logged();
    let context = Context::empty()
        .with(&TENANT, text.clone())
        .with(&SHARED, text.as_str().into());
    context.sync_scope(|| {
        field("field", text.as_str());
        let line = json_line(|| info!("placed"));
        for name in ["tenant", "shared", "field"] {
            assert_eq!(line[name], cut.as_str(), "{name}");
        }
    });
}

#[test]
fn names_that_are_created_at_run_time() {
    Context::empty().sync_scope(|| {
        field("a b=c\n\"", 1);
        field("é".repeat(1000), 2);
        field("", 3);
        let line = json_line(|| info!("placed"));
        assert_eq!(line["a b=c\n\""], 1);
        assert_eq!(line["é".repeat(64).as_str()], 2);
        let written = lines("full", || info!("placed"));
        assert!(written.contains(" \"a b=c\\n\\\"\"=1 "), "{written}");
    });
}

struct Bad(fn());

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        self.0();
        Err(fmt::Error)
    }
}

#[test]
fn displays_with_side_effects() {
    static BAD: ContextVar<Bad> = ContextVar::new("bad").logged();
    let deeds: [(fn(), &str); 4] = [
        (|| panic!("on purpose"), "<panicked>"),
        (
            || panic_any(OnDrop(|| panic!("of the payload"))),
            "<panicked>",
        ),
        (|| (), "<failed>"),
        (|| _ = TENANT.try_set("set".to_owned()), "<failed>"),
    ];
    for (deed, shown) in deeds {
        for _ in 0..2 {
            let context = Context::empty()
                .with(&BAD, Bad(deed))
                .with(&TENANT, "acme".to_owned());
            let written = context.sync_scope(|| lines("json", || info!("placed")));
            let line: Value =
                serde_json::from_str(written.lines().last().unwrap()).expect(&written);
            assert_eq!(
                (&line["bad"], &line["tenant"]),
                (&shown.into(), &"acme".into()),
                "{written}"
            );
        }
    }
    Context::empty().sync_scope(|| {
        field("panics", FieldValue::display(Bad(|| panic!("on purpose"))));
        field("fails", FieldValue::display(Bad(|| ())));
        let line = json_line(|| info!("placed"));
        assert_eq!(
            (&line["panics"], &line["fails"]),
            (&"<panicked>".into(), &"half".into())
        );
    });
}

#[test]
fn sources_with_side_effects() {
    thread_local! {
        static DEED: std::cell::Cell<Option<fn()>> = const { std::cell::Cell::new(None) };
    }
    add_log_source(|add| {
        if let Some(deed) = DEED.get() {
            add("first", &"1");
            deed();
            add(&"n".repeat(100_000), &"t".repeat(100_000));
            for _ in 0..1000 {
                add("many", &1);
            }
        }
    });
    let deeds: [(fn(), usize); 5] = [
        (|| (), 32),
        (|| panic!("on purpose"), 1),
        (|| panic_any(OnDrop(|| panic!("of the payload"))), 1),
        (|| _ = TENANT.try_set("set".to_owned()), 32),
        (
            || {
                TENANT.sync_scope("inner".to_owned(), || {
                    assert_eq!(TENANT.get().as_deref(), Some("inner"))
                })
            },
            32,
        ),
    ];
    for (deed, added) in deeds {
        for _ in 0..2 {
            DEED.set(Some(deed));
            let written =
                TENANT.sync_scope("acme".to_owned(), || lines("json", || info!("placed")));
            DEED.set(None);
            let last = written.lines().last().unwrap();
            assert!(last.len() < 4000, "{last}");
            let line: Value = serde_json::from_str(last).expect(&written);
            let own = ["timestamp", "level", "fields", "target", "tenant"];
            let keys = line
                .as_object()
                .unwrap()
                .keys()
                .filter(|key| !own.contains(&key.as_str()));
            assert_eq!(
                (keys.count(), &line["first"], &line["tenant"]),
                (added, &"1".into(), &"acme".into()),
                "{last}"
            );
        }
    }
}

#[test]
fn the_name_of_a_placeholder_is_reserved() {
    static ID: ContextVar<&str> = ContextVar::new("id").logged();
    let line = |run: &dyn Fn()| {
        let output = Output::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(output.plain())
            .map_event_format(|format| with_context(format).placeholder(&ID, "-"))
            .finish();
        with_default(subscriber, run);
        output.take()
    };
    TENANT.sync_scope("acme".to_owned(), || {
        field("id", "forged");
        assert_eq!(
            line(&|| info!(id = "event", "x")),
            " INFO tenant=acme id=- id_2=forged values: x event_id=\"event\"\n"
        );
        ID.sync_scope("r-1", || {
            assert_eq!(
                line(&|| info!("x")),
                " INFO tenant=acme id=r-1 id_2=forged values: x\n"
            );
        });
    });
}

#[tokio::test]
async fn fields_end_with_their_scopes() {
    let seen = || {
        let line = json_line(|| info!("placed"));
        ["outer", "inner", "task", "late"].map(|name| line[name].clone())
    };
    let null = Value::Null;
    TENANT
        .scope("acme".to_owned(), async {
            field("outer", 1);
            TENANT
                .scope("inner".to_owned(), async {
                    field("inner", 2);
                    assert_eq!(seen(), [json!(1), json!(2), null.clone(), null.clone()]);
                })
                .await;
            assert_eq!(seen(), [json!(1), null.clone(), null.clone(), null.clone()]);
            let task = tokio::spawn(Context::current().scope(async move {
                field("task", 3);
                tokio::task::yield_now().await;
                seen()
            }));
            field("late", 4);
            assert_eq!(
                task.await.unwrap(),
                [json!(1), null.clone(), json!(3), null.clone()]
            );
            assert_eq!(seen(), [json!(1), null.clone(), null.clone(), json!(4)]);
        })
        .await;
    field("late", 5);
    assert_eq!(seen(), [null.clone(), null.clone(), null.clone(), null]);
}
