//! Writes SARIF 2.1.0, which code scanning of GitHub and others reads.

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Report, route, title};
use crate::findings::{Class, Finding};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn write(report: &Report<'_>, out: &mut impl Write) -> Result<()> {
    let rules: Vec<Value> = Class::ALL
        .iter()
        .map(|class| {
            json!({
                "id": class.name(),
                "shortDescription": { "text": class.explanation() },
                "defaultConfiguration": { "level": level(*class) },
            })
        })
        .collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| result(report, finding))
        .collect();
    let notifications: Vec<Value> = report
        .unread
        .iter()
        .map(|unread| json!({ "level": "warning", "message": { "text": unread } }))
        .collect();
    let root = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-propagate-context",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &root)?;
    writeln!(out)?;
    Ok(())
}

fn level(class: Class) -> &'static str {
    match class {
        Class::Unreached => "note",
        _ => "warning",
    }
}

fn result(report: &Report<'_>, finding: &Finding) -> Value {
    let start = report.position(finding.function, finding.at.start);
    let end = report.position(finding.function, finding.at.end);
    let file = |number: usize| json!({ "uri": uri(&report.source(number).in_repository()) });
    let related: Vec<Value> = finding
        .chain
        .iter()
        .map(|number| {
            let function = report.function(*number);
            let at = report.position(*number, function.name_at.start);
            json!({
                "physicalLocation": {
                    "artifactLocation": file(*number),
                    "region": { "startLine": at.line, "startColumn": at.column },
                },
                "message": { "text": function.shown() },
            })
        })
        .collect();
    let text = match finding.class {
        Class::Unreached => finding.help.clone(),
        _ => format!(
            "{}. {}. {}.",
            title(finding),
            route(report, finding),
            finding.help
        ),
    };
    let mut result = json!({
        "ruleId": finding.class.name(),
        "level": level(finding.class),
        "message": { "text": text },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": file(finding.function),
                "region": {
                    "startLine": start.line,
                    "startColumn": start.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                },
            },
            "logicalLocations": [{
                "fullyQualifiedName": report.function(finding.function).path().join("::"),
                "kind": "function",
            }],
        }],
        "relatedLocations": related,
    });
    let replacements: Vec<Value> = report
        .edits(finding)
        .into_iter()
        .map(|edit| {
            let at = report.position(finding.function, edit.at);
            json!({
                "deletedRegion": {
                    "startLine": at.line, "startColumn": at.column,
                    "endLine": at.line, "endColumn": at.column,
                },
                "insertedContent": { "text": edit.text },
            })
        })
        .collect();
    if !replacements.is_empty() {
        result["fixes"] = json!([{
            "description": { "text": finding.help },
            "artifactChanges": [{ "artifactLocation": file(finding.function), "replacements": replacements }],
        }]);
    }
    result
}

/// Returns a path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    if path.starts_with('/') {
        uri.insert_str(0, "file://");
    }
    uri
}
