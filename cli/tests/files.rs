//! The finder reads the files that the compiler would read, whatever they contain.

mod support;

use support::Package;

const HANDLER: &str = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
const ENTRIES: &str = "entries = [\"handler\"]";

fn sorted(mut found: Vec<String>) -> Vec<String> {
    found.sort();
    found
}

/// A file for each platform, and the usual one for the others.
#[test]
fn each_path_of_a_cfg_attr() {
    let package = Package::small(
        "files_cfg_attr",
        ENTRIES,
        "#[cfg_attr(windows, path = \"of_windows.rs\")]
#[cfg_attr(unix, allow(dead_code), path = \"of_unix.rs\")]
mod system;
",
    );
    for file in ["of_windows", "of_unix", "system"] {
        package.write(&format!("src/{file}.rs"), HANDLER);
    }
    assert_eq!(
        sorted(package.classes(&[])),
        [
            "src/of_unix.rs:2 lost",
            "src/of_windows.rs:2 lost",
            "src/system.rs:2 lost"
        ],
    );
}

#[test]
fn included_files_and_modules_in_macros() {
    let package = Package::small(
        "files_included",
        "",
        "include!(\"parts/included.rs\");
include!(concat!(env!(\"OUT_DIR\"), \"/generated.rs\"));

cfg_net! {
    mod of_net;
    pub fn app() {
        get(included);
        get(of_net::handler);
    }
}
",
    );
    package.write(
        "src/parts/included.rs",
        "mod beside;\nasync fn included() {\n    beside::handler();\n}\n",
    );
    package.write("src/parts/beside.rs", HANDLER);
    package.write("src/of_net.rs", &format!("pub async {}", &HANDLER[4..]));
    assert_eq!(
        sorted(package.classes(&[])),
        ["src/of_net.rs:2 lost", "src/parts/beside.rs:2 lost"],
    );
}

#[test]
fn raw_identifiers() {
    let package = Package::small(
        "files_raw",
        "entries = [\"r#try\", \"async::match\"]",
        "mod r#async;

pub fn r#try() {
    r#async::r#loop();
    self::r#async::r#else();
}
",
    );
    package.write(
        "src/async.rs",
        "pub fn r#loop() {
    std::thread::spawn(|| {});
}

pub(crate) fn r#else() {
    std::thread::spawn(|| {});
}

pub fn r#match() {
    std::thread::spawn(|| {});
}
",
    );
    assert_eq!(
        package.classes(&[]),
        [
            "src/async.rs:2 lost",
            "src/async.rs:6 lost",
            "src/async.rs:10 lost"
        ],
    );
}

#[test]
fn the_oldest_editions() {
    for edition in ["2015", "2018"] {
        let package = Package::small(
            &format!("files_of_{edition}"),
            ENTRIES,
            "extern crate std as lib;
mod jobs;
use jobs::later;

pub trait Old {
    fn bare(&self, job: Box<Fn(u8) -> Result<u8, Box<std::error::Error>>>);
}

pub fn handler() {
    later();
    ::jobs::later();
    lib::thread::spawn(|| {});
}
",
        );
        let manifest = package
            .read("Cargo.toml")
            .replace("\"2024\"", &format!("\"{edition}\""));
        package.write("Cargo.toml", &manifest);
        package.write(
            "src/jobs.rs",
            "pub fn later() {\n    ::std::thread::spawn(|| {});\n}\n",
        );
        assert_eq!(
            sorted(package.classes(&[])),
            ["src/jobs.rs:2 lost", "src/lib.rs:12 lost"],
            "{edition}"
        );
        // Items in a syntax that is no longer valid are reported, and the items beside them are read.
        let text = package.found(&[]);
        assert!(text.contains("skipped: src/lib.rs:6:31: "), "{text}");
    }
}

/// `cargo metadata` rejects the package on its own, but not as a dependency.
#[test]
fn a_dependency_that_the_workspace_above_it_does_not_list() {
    let package = Package::small(
        "files_unlisted",
        "",
        "pub fn handler() {\n    unlisted::run_later();\n}\n",
    );
    let manifest = package.read("Cargo.toml");
    let path = "[dependencies]\nunlisted = { path = \"../files_unlisted_workspace/unlisted\" }";
    package.write("Cargo.toml", &manifest.replace("[dependencies]", path));
    let above = "../files_unlisted_workspace";
    package.write(
        &format!("{above}/Cargo.toml"),
        "[workspace]\nmembers = []\n",
    );
    package.write(
        &format!("{above}/unlisted/Cargo.toml"),
        "[package]\nname = \"unlisted\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    package.write(
        &format!("{above}/unlisted/src/lib.rs"),
        "pub fn run_later() {\n    std::thread::spawn(|| {});\n}\n",
    );
    assert_eq!(
        package.classes(&["--all"]),
        ["../files_unlisted_workspace/unlisted/src/lib.rs:2 unreached"],
    );
}

/// A file or module that cannot be read is reported with its position, and the rest is read.
#[test]
fn reports_what_cannot_be_read() {
    let package = Package::small(
        "files_unread",
        ENTRIES,
        &format!(
            "mod latin;\nmod nowhere;\n#[cfg(feature = \"generated\")]\nmod generated;\n{HANDLER}"
        ),
    );
    std::fs::write(package.folder.join("src/latin.rs"), b"// caf\xe9\n").unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&package.found(&["--format", "json"])).unwrap();
    assert_eq!(
        json["unread"],
        serde_json::json!([
            "src/lib.rs:2:5: no file for module `nowhere`",
            "cannot read `src/latin.rs`: stream did not contain valid UTF-8",
        ])
    );
    assert_eq!(json["summary"]["findings"], 1);
}

/// A file that is reached through a link and from two packages is reported once.
#[cfg(unix)]
#[test]
fn links_and_shared_files() {
    let package = Package::small(
        "files_shared",
        ENTRIES,
        "mod linked;\n#[path = \"../shared.rs\"]\nmod shared;\n",
    );
    package.write("shared.rs", HANDLER);
    std::os::unix::fs::symlink("../shared.rs", package.folder.join("src/linked.rs")).unwrap();
    let manifest = package.read("Cargo.toml");
    package.write(
        "Cargo.toml",
        &manifest.replace("[workspace]", "[workspace]\nmembers = [\"other\"]"),
    );
    package.write(
        "other/Cargo.toml",
        "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2024\"\n
[dependencies]\npropagate-context.workspace = true\n
[package.metadata.propagate-context]\nentries = [\"handler\"]\n",
    );
    package.write(
        "other/src/lib.rs",
        "#[path = \"../../shared.rs\"]\nmod shared;\n",
    );
    let manifest = package.read("Cargo.toml");
    let line = manifest
        .lines()
        .find(|line| line.starts_with("propagate-context = {"))
        .unwrap();
    package.write(
        "Cargo.toml",
        &format!("{manifest}\n[workspace.dependencies]\n{line}\n"),
    );
    let found = package.classes(&[]);
    assert_eq!(found.len(), 1, "{found:?}");
    let output = package.find(&["--fix", "--allow-no-vcs"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(
        package.read("shared.rs"),
        format!("#[propagate_context::propagate_context]\n{HANDLER}")
    );
    assert!(package.folder.join("src/linked.rs").is_symlink());
}

/// Only code that is only compiled for tests is excluded.
#[test]
fn tests_are_excluded() {
    let package = Package::small(
        "files_tests",
        "entries = [\"handler\", \"inner\"]",
        "#[cfg(any(test, feature = \"testing\"))]
pub mod for_both {
    pub fn handler() {
        std::thread::spawn(|| {});
    }
}

#[cfg(testing)]
pub mod other_flag {
    pub fn handler() {
        std::thread::spawn(|| {});
    }
}

#[cfg(all(unix, test))]
mod for_tests {
    fn handler() {
        std::thread::spawn(|| {});
    }
}

#[test]
fn a_test() {
    fn inner() {
        std::thread::spawn(|| {});
    }
}
",
    );
    assert_eq!(
        package.classes(&["--all"]),
        ["src/lib.rs:4 lost", "src/lib.rs:11 lost"]
    );
}
