//! `--check` in CI: exits with 0 without findings, 1 with findings, and 2 if there was an error.

mod support;

use support::Package;

const LOSES: &str = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";

fn exit_code(package: &Package, args: &[&str]) -> Option<i32> {
    package.find(args).status.code()
}

#[test]
fn exits_with_0_without_findings() {
    let package = Package::small("check_none", "", LOSES);
    assert_eq!(exit_code(&package, &["--check"]), Some(0));
    assert_eq!(
        exit_code(&package, &["--check", "--all"]),
        Some(0),
        "what no request reaches is a note"
    );
}

#[test]
fn exits_with_1_if_there_are_findings() {
    let package = Package::small("check_some", "entries = [\"handler\"]", LOSES);
    assert_eq!(exit_code(&package, &["--check"]), Some(1));
    assert_eq!(
        exit_code(&package, &["--check", "--format", "sarif"]),
        Some(1)
    );
    assert_eq!(exit_code(&package, &[]), Some(0), "only `--check` fails");
}

#[test]
fn exits_with_2_on_an_error() {
    let package = Package::small("check_errors", "entries = 17", LOSES);
    let output = package.find(&["--check"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("cannot read `[package.metadata.propagate-context]`"),
        "{stderr}"
    );

    let package = Package::small("check_unknown", "", LOSES);
    assert_eq!(
        exit_code(&package, &["--check", "--package", "nobody"]),
        Some(2)
    );
    assert_eq!(exit_code(&package, &["--chek"]), Some(2));
}

/// A file that does not parse is reported, and the others are read.
#[test]
fn reports_a_file_that_does_not_parse() {
    let package = Package::small(
        "check_unparsable",
        "entries = [\"handler\"]",
        &format!("mod broken;\n{LOSES}"),
    );
    package.write("src/broken.rs", "fn broken( {\n");
    let text = package.found(&[]);
    assert!(text.contains("skipped: src/broken.rs:1:"), "{text}");
    assert!(
        text.contains("the context is lost at `std::thread::spawn`"),
        "{text}"
    );
}
