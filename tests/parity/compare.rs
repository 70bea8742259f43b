//! What two compilations of one case said.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::Case;

/// Lints that read how a function is spelled, not what it does. They say nothing about an annotated
/// function, since an async one becomes one that returns a future, and no other can be `const`.
const SPELLING: [&str; 6] = [
    "clippy::manual_async_fn",
    "clippy::missing_const_for_fn",
    "clippy::missing_errors_doc",
    "clippy::needless_return",
    "clippy::toplevel_ref_arg",
    "clippy::unused_async",
];

/// A message, without its words: those name our wrappers in types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    code: String,
    /// The line and column of what it is about, and those of each replacement that it proposes.
    places: Vec<(u64, u64, String)>,
}

/// Compares what was said about `case`, by code, line, column and proposed replacement.
pub(crate) fn messages(
    case: &Case,
    edition: &str,
    kept: &[Value],
    stripped: &[Value],
) -> Vec<String> {
    let [mut kept, mut stripped] = [kept, stripped].map(|messages| about(case, messages));
    // What is the same, as often as it is.
    kept.retain(
        |message| match stripped.iter().position(|other| other == message) {
            Some(index) => {
                stripped.swap_remove(index);
                false
            }
            None => true,
        },
    );
    let mut differences: BTreeMap<String, [Vec<Message>; 2]> = BTreeMap::new();
    for (side, messages) in [kept, stripped].into_iter().enumerate() {
        for message in messages {
            differences.entry(message.code.clone()).or_default()[side].push(message);
        }
    }
    let mut findings = Vec::new();
    let mut used = Vec::new();
    for (code, [new, lost]) in &differences {
        let kind = match (new.is_empty(), lost.is_empty()) {
            (false, true) => "new",
            (true, false) => "lost",
            _ => "moved",
        };
        if kind == "lost" && SPELLING.contains(&code.as_str()) {
            continue;
        }
        let known = case
            .known
            .iter()
            .position(|known| known.kind == kind && known.code == *code);
        match known {
            Some(index) => used.push(index),
            None => findings.push(format!(
                "{} ({edition}): {kind} {code}: {:?}, without the attribute {:?}",
                case.name,
                new.iter()
                    .map(|message| &message.places)
                    .collect::<Vec<_>>(),
                lost.iter()
                    .map(|message| &message.places)
                    .collect::<Vec<_>>(),
            )),
        }
    }
    for (index, known) in case.known.iter().enumerate() {
        // A lint may depend on the edition, so one that stays away is a finding in the newest.
        if !used.contains(&index) && edition == "2024" {
            let text = format!(
                "{}: {} {} is no longer true",
                case.name, known.kind, known.code
            );
            findings.push(text);
        }
    }
    findings
}

fn about(case: &Case, messages: &[Value]) -> Vec<Message> {
    let file = format!("/{}.rs", case.name);
    let mut found: Vec<Message> = messages
        .iter()
        .filter_map(|message| Message::read(message, &file))
        .collect();
    found.sort();
    found
}

impl Message {
    fn read(message: &Value, file: &str) -> Option<Self> {
        let spans = message["spans"].as_array()?;
        let mut places: Vec<_> = spans
            .iter()
            .filter(|span| span["is_primary"] == true)
            .filter_map(|span| place(span, file))
            .collect();
        if places.is_empty() {
            return None;
        }
        for help in message["children"].as_array()? {
            for span in help["spans"].as_array()? {
                if span["suggested_replacement"].is_string() {
                    places.extend(place(span, file));
                }
            }
        }
        places.sort();
        let code = message["code"]["code"].as_str();
        let code = code.or(message["level"].as_str())?.to_owned();
        Some(Message { code, places })
    }
}

fn place(span: &Value, file: &str) -> Option<(u64, u64, String)> {
    // What is in a macro of ours is where the macro is used.
    let mut span = span;
    while !span["file_name"].as_str()?.ends_with(file) {
        span = &span["expansion"]["span"];
    }
    let replacement = span["suggested_replacement"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    Some((
        span["line_start"].as_u64()?,
        span["column_start"].as_u64()?,
        replacement,
    ))
}

/// Compares what the programs printed, by line.
pub(crate) fn outputs(edition: &str, kept: &str, stripped: &str) -> Vec<String> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (kept, stripped) = (lines(kept), lines(stripped));
    let mut findings = Vec::new();
    if kept.len() != stripped.len() {
        findings.push(format!(
            "{edition}: the programs print different numbers of lines"
        ));
    }
    for (kept, stripped) in kept.iter().zip(&stripped) {
        if kept != stripped {
            findings.push(format!(
                "output ({edition}): {kept}\n  without the attribute: {stripped}"
            ));
        }
    }
    findings
}
