//! What is made of each form of a body and of an item: the files in `tests/expansions`.
//!
//! A line of input is followed by what it becomes. Names of the runtime are without their path, bodies without the function
//! around them, and errors without their text, which the ui tests have. `none! { .. }` is an invisible group, as
//! `macro_rules!` puts around a fragment. After a change on purpose, `UPDATE_EXPANSIONS=1 cargo test -p propagate-context-macros-core --all-features` writes the
//! files again; read the difference.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use propagate_context_macros_core::{context_entry, propagate_context};

#[test]
fn of_bodies() {
    check("bodies.txt", |body| {
        let args = "skip_fn".parse().unwrap();
        let function = format!("fn f() {{ {body} }}").parse().unwrap();
        let text = expanded(&propagate_context(args, fragments(function)));
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
        expanded(&expand(args, fragments(item.parse().unwrap())))
    });
}

/// Puts what is in `none! { .. }` into an invisible group.
fn fragments(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out = TokenStream::new();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        let is_fragment = matches!(
            (tree, trees.get(at + 1)),
            (TokenTree::Ident(name), Some(TokenTree::Punct(mark))) if name == "none" && mark.as_char() == '!'
        );
        at += if is_fragment { 3 } else { 1 };
        out.extend([match &trees[at - 1] {
            TokenTree::Group(group) => {
                let delimiter = if is_fragment {
                    Delimiter::None
                } else {
                    group.delimiter()
                };
                TokenTree::Group(Group::new(delimiter, fragments(group.stream())))
            }
            other => other.clone(),
        }]);
    }
    out
}

fn check(file: &str, expand: impl Fn(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expansions")
        .join(file);
    let expected = fs::read_to_string(&path).unwrap();
    let mut found = String::new();
    for input in expected.lines().filter(|line| !line.starts_with(' ')) {
        let text = expand(input);
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

fn expanded(tokens: &TokenStream) -> String {
    let text = tokens
        .to_string()
        .replace(":: propagate_context :: __private :: ", "");
    let start = ":: core :: compile_error ! { ";
    let mut parts = text.split(start);
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        kept += "compile_error! ";
        kept += part.split_once("\" }").unwrap().1;
    }
    kept.trim_end().to_owned()
}
