//! Which definition a call refers to if names are shared, renamed or hidden.

mod support;

use support::Package;

/// Returns the lines of the findings in a package with one file, whose handlers have an attribute.
fn lost(test: &str, source: &str) -> Vec<u64> {
    let package = Package::small(test, "", source);
    let found = package.found(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&found).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["line"].as_u64().unwrap())
        .collect()
}

#[test]
fn the_whole_path_counts() {
    let source = "mod a { pub mod jobs {
    pub fn run() { std::thread::spawn(|| {}); }
} }
mod b { pub mod jobs {
    pub fn run() { std::thread::spawn(|| {}); }
    pub fn here() { self::run(); super::jobs::run(); }
} }
mod c { pub mod jobs {
    pub fn run() { std::thread::spawn(|| {}); }
} }
use c::jobs as renamed;
#[handler] fn h() { crate::a::jobs::run(); }
#[handler] fn r() { renamed::run(); }
";
    assert_eq!(lost("resolution_paths", source), [2, 9]);
}

#[test]
fn a_type_of_the_same_name_elsewhere_is_another() {
    let source = "mod a {
    pub struct Store { inner: Inner }
    struct Inner;
    impl Inner { pub fn save(&self) { std::thread::spawn(|| {}); } }
    impl Store { pub fn put(&self) { self.inner.save(); } }
}
mod b {
    pub struct Store { inner: Other }
    struct Other;
    impl Other { pub fn save(&self) { std::thread::spawn(|| {}); } }
    impl Store { pub fn put(&self) { self.inner.save(); } }
}
use a::Store;
#[handler] fn h(store: State<Store>) { store.put(); }
";
    let mut found = lost("resolution_types", source);
    found.retain(|line| *line == 10);
    assert_eq!(found, [0; 0], "`b::Other` has nothing to do with it");
}

#[test]
fn resolves_type_aliases() {
    let source = "pub type Mail<'a> = &'a State<Arc<Mailer>>;
pub struct Mailer;
impl Mailer { pub fn send(&self) { std::thread::spawn(|| {}); } }
#[handler] fn h(mail: Mail<'_>) { mail.send(); }
";
    assert_eq!(lost("resolution_aliases", source), [3]);
}

#[test]
fn a_variable_hides_a_function() {
    let source = "fn work() { std::thread::spawn(|| {}); }
#[handler] fn h(work: impl Fn()) { work(); }
#[handler] fn i() { let work = || {}; work(); }
";
    assert_eq!(lost("resolution_variables", source), [0; 0]);
}

#[test]
fn imports_of_tests_hide_nothing() {
    let source = "use a::work;
mod a { pub fn work() { std::thread::spawn(|| {}); } }
mod b { pub fn work() { std::thread::spawn(|| {}); } }
#[handler] fn h() { work(); }
#[cfg(test)] mod tests { use crate::b::work; }
";
    assert_eq!(lost("resolution_imports", source), [2]);
}

#[test]
fn a_glob_of_another_crate_imports_no_local_function() {
    let source = "use diesel::prelude::*;
mod tables { pub fn insert_into() { std::thread::spawn(|| {}); } }
#[handler] fn h() { insert_into(); }
";
    assert_eq!(lost("resolution_globs", source), [0; 0]);
}

#[test]
fn methods_and_functions_in_macros() {
    let source = "struct S;
impl S { cfg_net! { pub fn a(&self) { std::thread::spawn(|| {}); } } }
cfg_net! { fn b() { std::thread::spawn(|| {}); } }
#[handler] fn h(s: State<S>) { s.a(); b(); }
";
    assert_eq!(lost("resolution_macros", source), [2, 3]);
}

/// `get_or_init(|| ..)` runs in the first request, whose context the worker must not keep.
#[test]
fn code_that_runs_once_belongs_to_no_request() {
    let source = "static WORKER: OnceLock<Sender> = OnceLock::new();
#[handler] fn h() {
    WORKER.get_or_init(|| { std::thread::spawn(|| {}); start() });
    std::thread::spawn(|| {});
}
fn start() { std::thread::spawn(|| {}); }
";
    assert_eq!(lost("resolution_once", source), [4]);
}

/// `crate::service::jobs` may be a module of another crate, and the handler's own module has a function with
/// the same name.
#[test]
fn imports_of_other_modules_are_followed() {
    let package = Package::small(
        "resolution_facades",
        "",
        "mod inner;\nmod routes;\nuse crate::inner as service;\n",
    );
    package.write(
        "src/routes.rs",
        "use crate::service::jobs;\n\n#[handler]\npub fn run(id: u8, other: u8) {\n    jobs::run(id);\n}\n",
    );
    package.write(
        "src/inner.rs",
        "mod deeper;\npub use self::deeper as jobs;\n",
    );
    package.write(
        "src/inner/deeper.rs",
        "pub fn run(id: u8) {\n    std::thread::spawn(|| {});\n}\n",
    );
    assert_eq!(package.classes(&[]), ["src/inner/deeper.rs:2 lost"]);
}

/// A worker outlives the request that starts it, regardless of where its loop is written.
#[test]
fn loops_in_functions_that_are_spawned() {
    let source = "#[handler] async fn h(s: State<S>) {
    tokio::spawn(sweep());
    tokio::spawn(async move { s.consume_loop().await });
    tokio::spawn(unknown::update_worker_fn());
    tokio::spawn(once());
}
async fn sweep() { loop { tick().await; } }
async fn once() { loop { if done() { break; } } }
struct S;
";
    assert_eq!(lost("resolution_loops", source), [5]);
}

/// A library outside the workspace is read and reported, but not changed, because it belongs to another
/// workspace.
#[test]
fn packages_beside_the_workspace() {
    let package = Package::small(
        "resolution_beside",
        "",
        "#[handler] fn h() { kit::later(); facade::later(); }\n",
    );
    // The folder of the server is one level below.
    let manifest = package.read("Cargo.toml").replace(
        "[dependencies]\n",
        "[dependencies]\nkit = { package = \"our-kit\", path = \"../kit\" }\nfacade = { path = \"../facade\" }\n",
    );
    package.write("server/Cargo.toml", &manifest);
    package.write("server/src/lib.rs", &package.read("src/lib.rs"));
    let library = |name: &str, source: &str| {
        let folder = name.trim_start_matches("our-");
        package.write(
            &format!("{folder}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n"),
        );
        package.write(&format!("{folder}/src/lib.rs"), source);
    };
    library(
        "our-kit",
        "pub fn later() {\n    std::thread::spawn(|| {});\n}\n",
    );
    library("facade", "mod inner;\npub use inner::later;\n");
    package.write(
        "facade/src/inner.rs",
        "pub fn later() {\n    std::thread::spawn(|| {});\n}\n",
    );
    let run = |args: &[&str]| {
        package.classes(&[args, &["--manifest-path", "server/Cargo.toml"]].concat())
    };
    let mut found = run(&[]);
    found.sort();
    assert_eq!(
        found,
        ["../facade/src/inner.rs:2 lost", "../kit/src/lib.rs:2 lost"]
    );
    assert_eq!(run(&["-p", "our-kit@0.1.0"]), ["../kit/src/lib.rs:2 lost"]);
    let output = package.find(&[
        "--fix",
        "--allow-no-vcs",
        "--manifest-path",
        "server/Cargo.toml",
    ]);
    assert!(output.status.success());
    assert!(package.read("kit/src/lib.rs").starts_with("pub fn later"));
}
