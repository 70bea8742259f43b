//! `docs/clippy.toml` is the output of the finder, and the attribute rewrites each path in it.

mod support;

use std::fmt::Write;

use support::{Package, manifest_folder};

fn printed(test: &str) -> String {
    Package::small(test, "", "").found(&["--print-clippy-toml"])
}

#[test]
fn the_file_equals_the_output() {
    let file = std::fs::read_to_string(manifest_folder().join("../docs/clippy.toml")).unwrap();
    assert_eq!(
        file,
        printed("catalogue_file"),
        "run `cargo propagate-context --print-clippy-toml >docs/clippy.toml`"
    );
}

/// A call of each path in the catalogue is a site that annotating the function fixes.
#[test]
fn the_attribute_rewrites_each_path() {
    let mut source = String::from("pub fn entry() {\n");
    let mut paths = Vec::new();
    for line in printed("catalogue_paths").lines() {
        let Some((_, rest)) = line.split_once("path = \"") else {
            continue;
        };
        let path = rest.split('"').next().unwrap();
        let (owner, name) = path.rsplit_once("::").unwrap();
        let is_method = owner
            .rsplit("::")
            .next()
            .unwrap()
            .starts_with(char::is_uppercase);
        let argument = match name {
            "join" => "|| {}, || {}",
            _ if name.contains("blocking")
                || name == "unblock"
                || name == "block"
                || name == "install" =>
            {
                "|| {}"
            }
            _ if path.contains("rayon")
                || path.starts_with("std::thread")
                || name == "spawn_fn" =>
            {
                "|| {}"
            }
            "on_upgrade" | "spawn_pinned" | "spawn_pinned_by_idx" => "|_| async {}",
            _ => "async {}",
        };
        let callee = if is_method {
            format!("x.{name}")
        } else {
            path.to_owned()
        };
        writeln!(source, "    {callee}({argument});").unwrap();
        paths.push(path.to_owned());
    }
    source.push_str("}\n");
    assert!(paths.len() > 60, "{paths:#?}");
    let package = Package::small("catalogue_calls", "entries = [\"entry\"]", &source);
    let found = package.classes(&["--all"]);
    for (number, path) in paths.iter().enumerate() {
        let at = format!("src/lib.rs:{} ", number + 2);
        let class = found
            .iter()
            .find(|line| line.starts_with(&at))
            .map(|line| &line[at.len()..]);
        let expected = if path.ends_with("on_upgrade") {
            "upgrade"
        } else {
            "lost"
        };
        assert_eq!(class, Some(expected), "{path}");
    }
}
