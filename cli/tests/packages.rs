//! Requests pass from one package of a workspace into another, regardless of which package is reported.

mod support;

use support::Package;

fn workspace(test: &str) -> Package {
    let package = Package::small(
        test,
        &format!("entries = [\"{test}::handler\"]"),
        "pub fn handler() {\n    jobs::later(17);\n    std::thread::spawn(|| {});\n}\n",
    );
    let manifest = package.read("Cargo.toml");
    let manifest = manifest.replace(
        "[dependencies]\n",
        "[dependencies]\njobs = { path = \"jobs\" }\n",
    );
    package.write(
        "Cargo.toml",
        &manifest.replace("[workspace]", "[workspace]\nmembers = [\"jobs\"]"),
    );
    package.write(
        "jobs/Cargo.toml",
        "[package]\nname = \"jobs\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    package.write(
        "jobs/src/lib.rs",
        "mod queue;\npub use queue::later;\n\npub fn unrelated() {\n    std::thread::spawn(|| {});\n}\n",
    );
    package.write(
        "jobs/src/queue.rs",
        "pub fn later(_: u8) {\n    std::thread::spawn(|| {});\n}\n",
    );
    package
}

#[test]
fn reports_all_packages() {
    assert_eq!(
        workspace("packages_all").classes(&[]),
        ["jobs/src/queue.rs:2 lost", "src/lib.rs:3 lost"],
    );
}

#[test]
fn reports_one_package() {
    let package = workspace("packages_one");
    assert_eq!(
        package.classes(&["-p", "jobs"]),
        ["jobs/src/queue.rs:2 lost"]
    );
    assert_eq!(
        package.classes(&["-p", "packages_one"]),
        ["src/lib.rs:3 lost"]
    );
}

/// Functions in `cfg_if!` and similar macros, in files that `#[path]` names, and in inline modules.
#[test]
fn files_are_found_as_the_compiler_finds_them() {
    let package = Package::small(
        "packages_files",
        "entries = [\"handler\"]",
        "mod inline {
    pub mod nested;
}

#[path = \"elsewhere/named.rs\"]
mod named;

cfg_if! {
    if #[cfg(unix)] {
        mod of_unix;
        pub fn handler() {
            std::thread::spawn(|| {});
        }
    }
}

#[cfg(test)]
mod tests;
",
    );
    let handler = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
    package.write("src/inline/nested.rs", handler);
    package.write("src/elsewhere/named.rs", &format!("mod beside;\n{handler}"));
    package.write("src/elsewhere/beside.rs", handler);
    package.write("src/of_unix/mod.rs", &format!("pub mod inner;\n{handler}"));
    package.write("src/of_unix/inner.rs", handler);
    package.write("src/tests.rs", handler);
    package.write("src/nobody.rs", handler);
    let mut found = package.classes(&[]);
    found.sort();
    assert_eq!(
        found,
        [
            "src/elsewhere/beside.rs:2 lost",
            "src/elsewhere/named.rs:3 lost",
            "src/inline/nested.rs:2 lost",
            "src/lib.rs:12 lost",
            "src/of_unix/inner.rs:2 lost",
            "src/of_unix/mod.rs:3 lost",
        ],
    );
}
