//! The configuration of a package, in `[package.metadata.propagate-context]`.

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use serde::Deserialize;
use serde_json::Value;

/// The keys of the table. All are optional.
#[derive(Clone, Default, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// Additional functions that requests start in.
    pub(crate) entries: Vec<String>,
    /// The package's own spawners that take a future.
    pub(crate) spawn: Vec<String>,
    /// The package's own spawners that take a closure.
    pub(crate) spawn_blocking: Vec<String>,
    /// Functions, or files and folders relative to the root of the package, for which nothing is reported.
    pub(crate) ignore: Vec<String>,
}

impl Config {
    pub(crate) fn read(metadata: &Value) -> Result<Self> {
        match metadata.get("propagate-context") {
            Some(table) => serde_json::from_value(table.clone())
                .context("cannot read `[package.metadata.propagate-context]`"),
            None => Ok(Config::default()),
        }
    }

    /// Whether this is one of the package's own spawners.
    pub(crate) fn names_spawner(&self, segments: &[String]) -> bool {
        let mut named = self.spawn.iter().chain(&self.spawn_blocking);
        named.any(|path| path.rsplit("::").next() == segments.last().map(String::as_str))
    }

    /// Returns the attribute arguments that name the spawners called by the item.
    pub(crate) fn attribute_arguments(&self, item: &TokenStream) -> String {
        let called = |paths: &[String]| {
            let found = paths
                .iter()
                .filter(|path| calls(item.clone(), path.rsplit("::").next().unwrap_or(path)));
            found.cloned().collect::<Vec<_>>().join(", ")
        };
        let futures = called(&self.spawn);
        let closures = called(&self.spawn_blocking);
        let mut arguments = Vec::new();
        if !futures.is_empty() {
            arguments.push(format!("spawn({futures})"));
        }
        if !closures.is_empty() {
            arguments.push(format!("spawn_blocking({closures})"));
        }
        arguments.join(", ")
    }
}

/// Whether `name(..)` occurs, apart from its definition.
fn calls(tokens: TokenStream, name: &str) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Group(group) => calls(group.stream(), name),
        TokenTree::Ident(ident) => {
            let is_definition = at.checked_sub(1).is_some_and(
                |before| matches!(&trees[before], TokenTree::Ident(word) if word == "fn"),
            );
            ident == name
                && !is_definition
                && matches!(trees.get(at + 1), Some(TokenTree::Group(_)))
        }
        _ => false,
    })
}
