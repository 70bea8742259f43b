//! What is made of each form of a body and of an item: the files in `expansions`.
//!
//! A line of input is followed by what it becomes. Names of the runtime are without their path, bodies without the function
//! around them, and errors without their text, which the ui tests have. After a change on purpose, `UPDATE_EXPANSIONS=1 cargo test -p propagate-context-macros-core` writes the
//! files again; read the difference.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::{context_entry, propagate_context};

#[test]
fn of_bodies() {
    check("bodies.txt", |body| {
        let args = "skip_fn".parse().unwrap();
        let function = format!("fn f() {{ {body} }}").parse().unwrap();
        let text = propagate_context(args, function).to_string();
        let inner = text
            .strip_prefix("fn f () { ")
            .and_then(|text| text.strip_suffix(" }"));
        inner.unwrap_or(&text).to_owned()
    });
}

#[test]
fn of_items() {
    check("items.txt", |item| {
        let (attribute, item) = item.split_once("] ").unwrap();
        let (name, args) = attribute.split_once('(').unwrap_or((attribute, ")"));
        let expand = match name {
            "#[propagate_context" => propagate_context,
            _ => context_entry,
        };
        let args = args.strip_suffix(')').unwrap().parse().unwrap();
        expand(args, item.parse().unwrap()).to_string()
    });
}

fn check(file: &str, expand: impl Fn(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("expansions")
        .join(file);
    let expected = fs::read_to_string(&path).unwrap();
    let mut found = String::new();
    for input in expected.lines().filter(|line| !line.starts_with(' ')) {
        let text = without_messages(&expand(input));
        let text = text.replace(":: propagate_context :: __private :: ", "");
        writeln!(found, "{input}\n    => {text}").unwrap();
    }
    if std::env::var_os("UPDATE_EXPANSIONS").is_some() {
        fs::write(&path, found).unwrap();
        return;
    }
    for (expected, found) in expected.lines().zip(found.lines()) {
        assert_eq!(found, expected);
    }
}

/// The text of an expansion, without the messages of the errors in it.
fn without_messages(text: &str) -> String {
    let start = ":: core :: compile_error ! { ";
    let mut parts = text.split(start);
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        kept += "compile_error! ";
        kept += part.split_once("\" }").unwrap().1;
    }
    kept.trim_end().to_owned()
}
