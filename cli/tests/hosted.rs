//! Formats for hosted services: paths are relative to the repository, and special characters do not break the
//! format.

mod support;

use support::Package;

fn run(package: &Package, format: &str) -> String {
    let output = package
        .command(env!("CARGO_BIN_EXE_cargo-propagate-context"))
        .args([
            "--format",
            format,
            "--manifest-path",
            "server, 100%/Cargo.toml",
        ])
        .env("GITHUB_WORKSPACE", &package.folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A workspace in a folder of the repository. The folder's name contains characters that both formats reserve.
fn package(test: &str) -> Package {
    let package = Package::small(test, "", "");
    let manifest = package.read("Cargo.toml");
    package.write(
        "server, 100%/Cargo.toml",
        &format!("{manifest}entries = [\"handler\"]\n"),
    );
    package.write(
        "server, 100%/src/lib.rs",
        "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n",
    );
    package
}

#[test]
fn annotations_of_a_github_workflow() {
    let text = run(&package("hosted_github"), "github");
    assert!(
        text.starts_with(
            "::warning file=server%2C 100%25/src/lib.rs,line=2,col=18,endColumn=23,\
             title=the context is lost at `std%3A%3Athread%3A%3Aspawn`::"
        ),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn code_scanning_reads_uris_from_the_root_of_the_repository() {
    let sarif = run(&package("hosted_sarif"), "sarif");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        location["artifactLocation"]["uri"],
        "server,%20100%25/src/lib.rs"
    );
}
