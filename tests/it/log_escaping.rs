//! No value can break its line, shift other parts of the line, or impersonate another field.

use propagate_context::{ContextVar, tracing::with_context};
use propagate_context_tests::{Output, members, with_default};
use proptest::prelude::*;
use tracing::info;

static VALUE: ContextVar<String> = ContextVar::new("value").logged();

/// Returns the line of an event in the context of a value, without the parts that belong to the format.
fn text(value: &str) -> String {
    let output = Output::default();
    let writer = output.clone();
    let subscriber = tracing_subscriber::fmt()
        .without_time()
        .with_level(false)
        .with_target(false)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .map_event_format(with_context)
        .finish();
    with_default(subscriber, || {
        VALUE.sync_scope(value.to_owned(), || info!("end"));
    });
    let line = output.take();
    line.strip_suffix(" end\n")
        .unwrap_or_else(|| panic!("the line goes on behind the value: {line:?}"))
        .to_owned()
}

fn json(value: &str) -> String {
    let output = Output::default();
    let writer = output.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(move || writer.clone())
        .map_event_format(with_context)
        .finish();
    with_default(subscriber, || {
        VALUE.sync_scope(value.to_owned(), || info!("end"));
    });
    output.take()
}

#[test]
fn text_shows_single_words_verbatim() {
    for value in [
        "acme",
        "3f0c-21",
        "a/b:c@d,e{f}",
        "größe",
        "東京",
        "🦀",
        "می‌خواهم",
        "❤\u{fe0f}",
    ] {
        assert_eq!(text(value), format!("value={value}"));
    }
}

#[test]
fn text_quotes_all_other_values() {
    for (value, shown) in [
        ("", r#"value="""#),
        ("two words", r#"value="two words""#),
        ("no\u{a0}break", "value=\"no\u{a0}break\""),
        ("x request_id=forged", r#"value="x request_id=forged""#),
        ("a=b", r#"value="a=b""#),
        (
            r#"a" request_id="forged"#,
            r#"value="a\" request_id=\"forged""#,
        ),
        (r"c:\temp", r#"value="c:\\temp""#),
        ("a\nb\r\tc", r#"value="a\nb\r\tc""#),
        ("a\x1b[2J", r#"value="a\u{1b}[2J""#),
        (
            "\0\x07\x7f\u{80}\u{9b}",
            r#"value="\u{0}\u{7}\u{7f}\u{80}\u{9b}""#,
        ),
        (
            "\u{85}\u{2028}\u{2029}",
            r#"value="\u{85}\u{2028}\u{2029}""#,
        ),
        (
            "\u{61c}\u{200e}\u{200f}",
            r#"value="\u{61c}\u{200e}\u{200f}""#,
        ),
        (
            "\u{202a}\u{202e}\u{2066}\u{2069}",
            r#"value="\u{202a}\u{202e}\u{2066}\u{2069}""#,
        ),
        (
            "\u{200b}\u{feff}\u{e0041}",
            r#"value="\u{200b}\u{feff}\u{e0041}""#,
        ),
        (
            "\u{ad}\u{3164}\u{e0100}\u{e01ef}",
            r#"value="\u{ad}\u{3164}\u{e0100}\u{e01ef}""#,
        ),
        (
            "\u{34f}\u{115f}\u{180e}\u{ffa0}",
            r#"value="\u{34f}\u{115f}\u{180e}\u{ffa0}""#,
        ),
    ] {
        assert_eq!(text(value), shown);
    }
}

#[test]
fn json_values_are_escaped_and_parse_to_the_value() {
    let value = "a\x1b[2J\n{\"level\":\"ERROR\"}\u{202e}\u{9b}\\\u{e0041}\u{2028}größe";
    let line = json(value);
    assert!(
        line.starts_with(
            r#"{"value":"a\u001b[2J\n{\"level\":\"ERROR\"}\u202e\u009b\\\udb40\udc41\u2028größe","#
        ),
        "{line}"
    );
    assert_eq!(members(&line)[0], ("value".to_owned(), value.into()));
}

#[test]
fn names_are_escaped_too() {
    static ODD: ContextVar<u8> = ContextVar::new("a b\n").logged();
    let line = ODD.sync_scope(1, || text("x"));
    assert!(line.contains(r#""a b\n"=1"#), "{line}");
}

#[test]
fn long_values_are_truncated_to_a_kilobyte() {
    let full = "x".repeat(1024);
    assert_eq!(text(&full), format!("value={full}"));
    assert_eq!(text(&"x".repeat(1025)), format!("value={full}…<cut>"));
    assert_eq!(text(&"x".repeat(1 << 20)), format!("value={full}…<cut>"));

    // A character is shown completely or not at all.
    let euros = "€".repeat(1 << 20);
    assert_eq!(text(&euros), format!("value={}…<cut>", "€".repeat(341)));
    assert_eq!(
        members(&json(&euros))[0].1,
        format!("{}…<cut>", "€".repeat(341))
    );
}

/// Generates characters of all kinds, with a high share of harmful ones.
fn anything() -> impl Strategy<Value = String> {
    let harmful = prop::sample::select(vec![
        '\n', '\r', '\x1b', '"', '\\', '=', ' ', '\u{85}', '\u{9b}', '\u{200b}', '\u{2028}',
        '\u{202e}', '\u{2067}', '\u{feff}',
    ]);
    prop::collection::vec(
        prop_oneof![any::<char>(), harmful, prop::char::range('a', 'z')],
        0..200,
    )
    .prop_map(String::from_iter)
}

fn is_harmless(line: &str) -> bool {
    !line.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    })
}

/// Parses a value from a line of text, as a reader would.
fn read(shown: &str) -> String {
    let Some(quoted) = shown.strip_prefix('"') else {
        return shown.to_owned();
    };
    let mut value = String::new();
    let mut chars = quoted.strip_suffix('"').expect("a quote closes it").chars();
    while let Some(c) = chars.next() {
        assert_ne!(c, '"', "a quote inside is escaped");
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next().expect("a backslash escapes something") {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            'u' => {
                let (code, rest) = chars.as_str()[1..]
                    .split_once('}')
                    .expect("a brace closes it");
                value.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
                chars = rest.chars();
            }
            itself => value.push(itself),
        }
    }
    value
}

proptest! {
    #[test]
    fn any_value_is_harmless_and_readable_in_text(value in anything()) {
        let line = text(&value);
        prop_assert!(is_harmless(&line), "{:?}", line);
        let shown = line.strip_prefix("value=").expect("the name is in front");
        prop_assert!(shown.starts_with('"') || !shown.contains([' ', '=']), "{}", shown);
        prop_assert_eq!(read(shown), value);
    }

    #[test]
    fn any_value_is_harmless_and_readable_in_json(value in anything()) {
        let line = json(&value);
        prop_assert!(is_harmless(line.trim_end_matches('\n')), "{:?}", line);
        prop_assert_eq!(&members(&line)[0], &("value".to_owned(), value.into()));
    }
}

/// Where a line has to be written again, nothing of it is lost.
#[test]
fn the_other_fields_of_an_event_that_breaks_its_line() {
    #[derive(Debug)]
    struct Lines(Option<Box<Lines>>);
    impl std::fmt::Display for Lines {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("one\ntwo")
        }
    }
    impl std::error::Error for Lines {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.0.as_deref().map(|lines| lines as _)
        }
    }
    let lines = Lines(Some(Box::new(Lines(None))));
    let error: &(dyn std::error::Error + 'static) = &lines;
    let output = Output::default();
    let writer = output.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .map_event_format(with_context)
        .finish();
    with_default(subscriber, || {
        info!(error, "failed");
        info!(note = %lines, small = 7_u64, large = i128::MAX, largest = u128::MAX, less = -7_i64, on = true, "end");
    });
    let text = output.take();
    let written: Vec<_> = text.lines().collect();
    assert_eq!(written.len(), 2, "{text}");
    assert!(written[0].contains(r"one\ntwo"), "{text}");
    for field in [
        r"one\ntwo".to_owned(),
        "small=7".to_owned(),
        format!("large={}", i128::MAX),
        format!("largest={}", u128::MAX),
        "less=-7".to_owned(),
        "on=true".to_owned(),
    ] {
        assert!(written[1].contains(&field), "{field}: {text}");
    }
}
