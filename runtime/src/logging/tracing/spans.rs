//! Makes the spans on an event's line safe: nothing in them breaks the line, or could pass for a variable.

use tracing_core::Subscriber;
use tracing_subscriber::fmt::{FmtContext, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::event::clashes;
use crate::logging::fields::escape::{is_harmed_by, style_length, without_harm};
use crate::logging::fields::{Names, of_event};

/// Escapes and renames the span fields that a formatter has stored, if `line` requires it. Returns whether any were
/// changed.
///
/// `is_harmed` says whether any part of the line has to be escaped.
pub(super) fn clean<S, N>(
    ctx: &FmtContext<'_, S, N>,
    names: &Names,
    line: &str,
    is_harmed: bool,
) -> bool
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let mut changed = false;
    for span in ctx.event_scope().into_iter().flatten() {
        let clashes = clashes(span.metadata(), names);
        if !clashes && !is_harmed {
            continue;
        }
        let mut extensions = span.extensions_mut();
        let Some(written) = extensions.get_mut::<FormattedFields<N>>() else {
            continue;
        };
        let is_styled = written.as_writer().has_ansi_escapes();
        let clashes = clashes && is_flat(&written.fields, line);
        if is_harmed && is_harmed_by(&written.fields, is_styled) {
            written.fields = without_harm(&written.fields, is_styled);
            changed = true;
        }
        if clashes {
            if let Some(renamed) = renamed(&written.fields, names) {
                written.fields = renamed;
                changed = true;
            }
        }
    }
    changed
}

/// Whether the fields of a span are on the line like those of the event, rather than in braces after the span's name.
fn is_flat(fields: &str, line: &str) -> bool {
    let fields = fields.trim();
    let before = line.split_once(fields).map(|(before, _)| before);
    !fields.is_empty() && before.is_some_and(|before| !without_last_styles(before).ends_with('{'))
}

fn without_last_styles(mut text: &str) -> &str {
    while let Some(at) = text.rfind('\x1b') {
        if style_length(&text.as_bytes()[at..]) != text.len() - at {
            break;
        }
        text = &text[..at];
    }
    text
}

/// Returns the fields with those renamed that have the name of a variable, or `None` if there are none.
fn renamed(fields: &str, names: &Names) -> Option<String> {
    let bytes = fields.as_bytes();
    let styles = |at: usize| style_length(&bytes[at..]);
    let mut out = String::with_capacity(fields.len() + 16);
    let (mut at, mut copied, mut starts_word) = (0, 0, true);
    while at < fields.len() {
        let style = styles(at);
        if style > 0 {
            at += style;
            continue;
        }
        let length = fields[at..]
            .find([' ', '=', '\x1b'])
            .unwrap_or(fields.len() - at);
        let mut behind = at + length;
        while behind < fields.len() && styles(behind) > 0 {
            behind += styles(behind);
        }
        let name = &fields[at..at + length];
        if starts_word && bytes.get(behind) == Some(&b'=') && names.contains(name) {
            out.push_str(&fields[copied..at]);
            out.push_str(&of_event(name));
            copied = at + length;
        }
        starts_word = bytes.get(at + length) == Some(&b' ');
        at += length.max(1);
    }
    (copied > 0).then(|| out + &fields[copied..])
}

#[cfg(test)]
mod tests {
    use super::{is_flat, renamed, without_last_styles};
    use crate::logging::fields::names::{Form, Names};

    #[test]
    fn fields_with_the_name_of_a_variable() {
        let mut names = Names::default();
        names.begin(Form::default());
        _ = names.take("tenant", &[], |_, _| ());
        for (fields, expected) in [
            ("tenant=evil", Some("event_tenant=evil")),
            ("a=1 tenant=evil b=2", Some("a=1 event_tenant=evil b=2")),
            ("tenant=1 tenant=2", Some("event_tenant=1 event_tenant=2")),
            (
                "\u{1b}[3mtenant\u{1b}[0m\u{1b}[2m=\u{1b}[0mevil",
                Some("\u{1b}[3mevent_tenant\u{1b}[0m\u{1b}[2m=\u{1b}[0mevil"),
            ),
            ("tenant", None),
            ("tenant other=1", None),
            ("tenant\u{1b}[0m", None),
            ("a=tenant=1", None),
            ("my\u{1b}[0mtenant=1", None),
            ("tenant\u{1b}x=1", None),
            ("", None),
        ] {
            assert_eq!(renamed(fields, &names).as_deref(), expected, "{fields:?}");
        }
    }

    #[test]
    fn styles_at_the_end_of_a_text() {
        for (text, rest) in [
            ("span{", "span{"),
            ("span{\u{1b}[3m\u{1b}[0m", "span{"),
            ("\u{1b}[3m", ""),
            ("a\u{1b}[3mb", "a\u{1b}[3mb"),
            ("a\u{1b}x", "a\u{1b}x"),
        ] {
            assert_eq!(without_last_styles(text), rest, "{text:?}");
        }
        assert!(is_flat("a=1", "INFO a=1 hello"));
        assert!(!is_flat("a=1", "INFO span{\u{1b}[3ma=1}: hello"));
        assert!(!is_flat("", "INFO hello"));
        assert!(!is_flat("a=1", "INFO hello"));
    }
}
