//! Each spawn site of the fixture is found, with the class in the comment beside it. Nothing is missing, and
//! nothing is wrong.

mod support;

use std::fs;

use support::Package;

/// The tags in the fixture. `mode`: `plain` or `precise`.
fn expected(package: &Package, mode: &str) -> Vec<String> {
    let mut expected = Vec::new();
    let files = fs::read_dir(package.folder.join("src")).unwrap();
    let files = files.map(|entry| format!("src/{}", entry.unwrap().file_name().to_string_lossy()));
    for file in files.chain(["pool/src/lib.rs".to_owned()]) {
        for (number, line) in package.read(&file).lines().enumerate() {
            let Some((_, tag)) = line
                .split_once("//~ ")
                .filter(|(code, _)| !code.trim_start().starts_with("//!"))
            else {
                continue;
            };
            let class = match tag.split_once(' ') {
                Some((of, class)) if of == mode => class,
                Some(_) => continue,
                None => tag,
            };
            expected.push(format!("{file}:{} {class}", number + 1));
        }
    }
    expected.sort();
    expected
}

fn found(package: &Package, args: &[&str]) -> Vec<String> {
    let mut found = package.classes(args);
    found.sort();
    found
}

#[test]
fn by_names() {
    let package = Package::fixture("classes_by_names");
    assert_eq!(found(&package, &["--all"]), expected(&package, "plain"));
}

#[test]
fn by_resolved_names() {
    let package = Package::fixture("classes_by_resolved_names");
    assert_eq!(
        found(&package, &["--all", "--precise"]),
        expected(&package, "precise")
    );
}

#[test]
fn unreached_spawns_are_listed_only_with_all() {
    let package = Package::fixture("classes_without_all");
    let expected: Vec<_> = expected(&package, "plain")
        .into_iter()
        .filter(|line| !line.ends_with("unreached"))
        .collect();
    assert_eq!(found(&package, &[]), expected);
}
