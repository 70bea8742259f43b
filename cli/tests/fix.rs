//! `--fix` inserts attributes and changes nothing else, keeps what compiles, and changes nothing when it runs again.

mod support;

use support::Package;

const ENTRIES: &str = "entries = [\"handler\", \"method\", \"plain\", \"one_line\", \"beside\"]";

fn fixed(test: &str, metadata: &str, source: &str) -> String {
    let package = Package::small(test, metadata, source);
    let output = package.find(&["--fix", "--allow-no-vcs"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let after = package.read("src/lib.rs");
    let again = package.find(&["--fix", "--allow-no-vcs"]);
    assert!(again.status.success());
    assert_eq!(
        package.read("src/lib.rs"),
        after,
        "running it again changes nothing"
    );
    assert_eq!(
        package.classes(&[]),
        Vec::<String>::new(),
        "nothing is left"
    );
    after
}

#[test]
fn documentation_attributes_and_comments_stay_above() {
    let before = "/// Documentation.
#[inline]
// A comment.
pub(crate) fn handler() {
    std::thread::spawn(|| {});
}

#[rustfmt::skip] pub fn one_line() { std::thread::spawn(|| {}); }

pub struct S;

impl S {
\t/// Tabs.
\tpub fn method(&self) {
\t\tstd::thread::spawn(|| {});
\t}
}

mod m { fn plain() { std::thread::spawn(|| {}); } }
";
    let after = "/// Documentation.
#[inline]
// A comment.
#[propagate_context::propagate_context]
pub(crate) fn handler() {
    std::thread::spawn(|| {});
}

#[rustfmt::skip] #[propagate_context::propagate_context] pub fn one_line() { std::thread::spawn(|| {}); }

pub struct S;

impl S {
\t/// Tabs.
\t#[propagate_context::propagate_context]
\tpub fn method(&self) {
\t\tstd::thread::spawn(|| {});
\t}
}

mod m { #[propagate_context::propagate_context] fn plain() { std::thread::spawn(|| {}); } }
";
    assert_eq!(fixed("fix_bytes", ENTRIES, before), after);
}

#[test]
fn a_byte_order_mark_and_line_ends_stay() {
    let before = "\u{feff}// Ünïcödé.\r\npub fn handler() {\r\n    std::thread::spawn(|| {});\r\n}";
    let after = "\u{feff}// Ünïcödé.\r\n#[propagate_context::propagate_context]\r\npub fn handler() {\r\n    std::thread::spawn(|| {});\r\n}";
    assert_eq!(fixed("fix_line_ends", ENTRIES, before), after);
}

#[test]
fn the_imported_name_is_used() {
    let before = "use propagate_context::propagate_context;

#[propagate_context]
pub fn other() {}

pub fn handler() {
    std::thread::spawn(|| {});
}
";
    let after = before.replace("pub fn handler", "#[propagate_context]\npub fn handler");
    assert_eq!(fixed("fix_imported", ENTRIES, before), after);
}

/// A function serves requests and starts background work. Only the code that requests reach inherits the
/// context.
#[test]
fn background_work_beside_a_request_is_detached() {
    let before = "pub fn beside() {
    std::thread::spawn(|| loop { std::thread::park(); });
    let worker = std::thread::spawn(|| {
        loop {
            std::thread::park();
        }
    });
    drop(worker);
    if true { std::thread::spawn(|| loop { std::thread::park(); }); }
    std::thread::spawn(|| {});
}
";
    let after = "#[propagate_context::propagate_context]
pub fn beside() {
    #[detached]
    std::thread::spawn(|| loop { std::thread::park(); });
    #[detached]
    let worker = std::thread::spawn(|| {
        loop {
            std::thread::park();
        }
    });
    drop(worker);
    if true { #[detached] std::thread::spawn(|| loop { std::thread::park(); }); }
    std::thread::spawn(|| {});
}
";
    assert_eq!(fixed("fix_detached", ENTRIES, before), after);
}

/// A call of the user's own helper, which is annotated itself, is not background work.
#[test]
fn calls_of_the_users_own_helpers_are_not_detached() {
    let before = "pub struct S;

impl S {
    pub fn method(&self) {
        self.spawn(|| {});
        std::thread::spawn(|| {});
    }

    #[propagate_context::propagate_context]
    fn spawn<F: FnOnce() + Send + 'static>(&self, job: F) {
        std::thread::spawn(job);
    }
}
";
    let after = before.replace(
        "    pub fn method",
        "    #[propagate_context::propagate_context]\n    pub fn method",
    );
    assert_eq!(fixed("fix_helper", ENTRIES, before), after);
}

#[test]
fn the_users_own_spawners_are_named() {
    let before = "pub fn handler() {
    pool::run_later(|| {});
}

pub mod pool {
    pub fn run_now(job: impl FnOnce()) {
        job();
    }

    pub use self::run_now as run_later;
}
";
    let after = before.replace(
        "pub fn handler",
        "#[propagate_context::propagate_context(spawn_blocking(pool::run_later))]\npub fn handler",
    );
    let metadata = format!("{ENTRIES}\nspawn-blocking = [\"pool::run_later\"]");
    assert_eq!(fixed("fix_named", &metadata, before), after);
}

/// A module of the same name hides the crate, so this file does not compile when annotated.
#[test]
fn a_file_that_does_not_compile_is_reverted() {
    let source = "mod other;

mod propagate_context {}

pub fn handler() {
    std::thread::spawn(|| {});
}
";
    let other = "pub fn plain() {\n    std::thread::spawn(|| {});\n}\n";
    let package = Package::small("fix_reverted", ENTRIES, source);
    package.write("src/other.rs", other);
    let output = package.find(&["--fix", "--allow-no-vcs"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("reverted src/lib.rs"), "{stderr}");
    assert_eq!(package.read("src/lib.rs"), source);
    assert_eq!(
        package.read("src/other.rs"),
        format!("#[propagate_context::propagate_context]\n{other}")
    );
}

#[test]
fn uncommitted_changes_are_not_overwritten() {
    let source = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
    let package = Package::small("fix_dirty", ENTRIES, source);
    package.write(".gitignore", "Cargo.lock\n");
    package.commit();
    let changed = format!("{source}// A change.\n");
    package.write("src/lib.rs", &changed);
    let refused = package.find(&["--fix"]);
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("* src/lib.rs (dirty)"), "{stderr}");
    assert_eq!(package.read("src/lib.rs"), changed);

    package.git(&["add", "--all"]);
    let refused = package.find(&["--fix"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("* src/lib.rs (staged)"));
    assert!(package.find(&["--fix", "--allow-staged"]).status.success());
    assert!(
        package
            .read("src/lib.rs")
            .starts_with("#[propagate_context")
    );
}

/// A file that is not under version control could not be restored.
#[test]
fn untracked_files_are_not_overwritten() {
    let source = "mod other;\n";
    let other = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
    let package = Package::small("fix_untracked", ENTRIES, source);
    package.commit();
    package.write("src/other.rs", other);
    let refused = package.find(&["--fix"]);
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("* src/other.rs (dirty)"), "{stderr}");
    assert_eq!(package.read("src/other.rs"), other);
}

#[test]
fn a_read_only_file_refuses_all_changes() {
    let source = "mod other;\n\npub fn plain() {\n    std::thread::spawn(|| {});\n}\n";
    let other = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
    let package = Package::small("fix_read_only", ENTRIES, source);
    package.write("src/other.rs", other);
    let path = package.folder.join("src/other.rs");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let refused = package.find(&["--fix", "--allow-no-vcs"]);
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("other.rs` is read-only; nothing was changed"),
        "{stderr}"
    );
    assert_eq!(package.read("src/lib.rs"), source);
    assert_eq!(package.read("src/other.rs"), other);
}

/// The attribute is recognized in every spelling.
#[test]
fn existing_attributes_are_kept() {
    let source = "use propagate_context::propagate_context as inherits;
use propagate_context as ours;

#[inherits]
pub fn handler() {
    std::thread::spawn(|| {});
}

#[ours::propagate_context]
pub fn plain() {
    std::thread::spawn(|| {});
}

#[cfg_attr(not(feature = \"none\"), allow(dead_code), propagate_context::propagate_context)]
pub fn one_line() {
    std::thread::spawn(|| {});
}

#[cfg_attr(feature = \"none\", inherits(skip))]
pub fn beside() {
    std::thread::spawn(|| {});
}
";
    assert_eq!(fixed("fix_present", ENTRIES, source), source);
}

#[test]
fn a_folder_without_version_control_is_rejected() {
    let source = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
    let package = Package::small("fix_no_vcs", ENTRIES, source);
    // The folder of the tests is inside this project's repository.
    let finder = env!("CARGO_BIN_EXE_cargo-propagate-context");
    let output = package
        .command(finder)
        .arg("--fix")
        .env("GIT_DIR", "nowhere")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--allow-no-vcs"), "{stderr}");
    assert_eq!(package.read("src/lib.rs"), source);
}

/// The line of a manifest that depends on `propagate-context`.
fn dependency(manifest: &str) -> &str {
    let mut lines = manifest.lines();
    lines
        .find(|line| line.starts_with("propagate-context = {"))
        .unwrap()
}

/// `manifest`, with a dependency of its workspace.
fn in_workspace(manifest: &str, dependency: &str) -> String {
    manifest.replace(
        "[workspace]\n",
        &format!("[workspace]\n\n[workspace.dependencies]\n{dependency}\n"),
    )
}

/// `cargo add` uses the dependency of the workspace. If no change can be kept, the manifest is restored.
#[test]
fn the_dependency_is_added() {
    let source = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
    let package = Package::small("fix_dependency", ENTRIES, source);
    let manifest = package.read("Cargo.toml");
    let line = dependency(&manifest);
    let without = manifest.replace(&format!("[dependencies]\n{line}\n"), "");
    package.write("Cargo.toml", &in_workspace(&without, line));
    let output = package.find(&["--fix", "--allow-no-vcs"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(
        package
            .read("Cargo.toml")
            .contains("propagate-context.workspace = true"),
        "{}",
        package.read("Cargo.toml")
    );
    assert!(
        package
            .read("src/lib.rs")
            .starts_with("#[propagate_context::propagate_context]")
    );
}

/// The library of a package cannot use a dependency that only its tests have.
#[test]
fn a_dependency_of_the_tests_is_not_enough() {
    let source = "pub fn handler() {\n    std::thread::spawn(|| {});\n}\n";
    let package = Package::small("fix_dev_dependency", ENTRIES, source);
    let manifest = package.read("Cargo.toml");
    let line = dependency(&manifest);
    let of_tests = manifest
        .replace("[dependencies]", "[dev-dependencies]")
        .replace(line, "propagate-context.workspace = true");
    package.write("Cargo.toml", &in_workspace(&of_tests, line));
    let output = package.find(&["--fix", "--allow-no-vcs"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(package.read("Cargo.toml").contains("\n[dependencies]\n"));
}

/// The whole fixture compiles afterwards. Only sites that need manual changes are left.
#[test]
fn the_fixture_compiles_and_keeps_manual_findings() {
    let package = Package::fixture("fix_fixture");
    let output = package.find(&["--fix", "--allow-no-vcs"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let left = package.classes(&[]);
    assert!(
        left.iter()
            .all(|line| !line.ends_with(" lost") && !line.ends_with(" wrapper")),
        "{left:#?}"
    );
    let before: Vec<String> = ["main", "handlers", "jobs", "service", "sockets"]
        .map(|file| package.read(&format!("src/{file}.rs")))
        .to_vec();
    assert!(package.find(&["--fix", "--allow-no-vcs"]).status.success());
    let after = ["main", "handlers", "jobs", "service", "sockets"]
        .map(|file| package.read(&format!("src/{file}.rs")));
    assert_eq!(before, after, "running it again changes nothing");
}
