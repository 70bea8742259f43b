//! The output of each format for the fixture, with and without clippy's name resolution. `BLESS=1` rewrites the
//! expected files.

mod support;

use std::fs;

use support::{Package, manifest_folder};

fn compare(name: &str, actual: &str) {
    let path = manifest_folder().join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != actual {
        let lines = expected.lines().zip(actual.lines());
        let first = lines
            .enumerate()
            .find(|(_, (expected, actual))| expected != actual);
        panic!("{name} differs, first in {first:#?}\nwhole:\n{actual}");
    }
}

#[test]
fn text() {
    compare("text.txt", &Package::fixture("golden_text").found(&[]));
}

#[test]
fn text_of_all() {
    compare("all.txt", &Package::fixture("golden_all").found(&["--all"]));
}

#[test]
fn text_with_resolved_names() {
    compare(
        "precise.txt",
        &Package::fixture("golden_precise").found(&["--precise", "--all"]),
    );
}

#[test]
fn json() {
    compare(
        "report.json",
        &Package::fixture("golden_json").found(&["--format", "json", "--all"]),
    );
}

#[test]
fn sarif() {
    compare(
        "report.sarif",
        &Package::fixture("golden_sarif").found(&["--format", "sarif"]),
    );
}

#[test]
fn annotations_of_a_workflow() {
    compare(
        "github.txt",
        &Package::fixture("golden_github").found(&["--format", "github"]),
    );
}
