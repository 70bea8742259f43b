//! The finder considers exactly those sites safe that the attribute rewrites: with every function annotated,
//! nothing is `lost`, and only sites that the attribute cannot rewrite are left.

mod support;

use support::Package;

/// Puts the attribute on each function of a file, but not inside `macro_rules!`.
fn annotate(text: &str) -> String {
    let mut annotated = String::new();
    for line in text.lines() {
        let code = line.trim_start();
        let is_function = ["fn ", "async fn ", "pub fn ", "pub async fn "]
            .iter()
            .any(|start| code.starts_with(start));
        let has_one = annotated.trim_end().ends_with("#[propagate_context]");
        if is_function && !has_one {
            let indentation = &line[..line.len() - code.len()];
            annotated.push_str(indentation);
            annotated.push_str("#[propagate_context::propagate_context]\n");
        }
        annotated.push_str(line);
        annotated.push('\n');
    }
    annotated
}

#[test]
fn nothing_is_lost_if_everything_is_annotated() {
    let package = Package::fixture("annotated_everything");
    let manifest = package
        .read("Cargo.toml")
        .replace("spawn = [\"pool::run_later\"]\n", "");
    package.write("Cargo.toml", &manifest);
    let files = ["main", "handlers", "jobs", "service", "sockets"];
    let files = files.map(|file| format!("src/{file}.rs"));
    for path in files.into_iter().chain(["pool/src/lib.rs".to_owned()]) {
        package.write(&path, &annotate(&package.read(&path)));
    }
    let left = package.classes(&["--all"]);
    let classes: Vec<&str> = left
        .iter()
        .map(|line| line.rsplit(' ').next().unwrap())
        .collect();
    assert!(!classes.contains(&"lost"), "{left:#?}");
    assert!(!classes.contains(&"wrapper"), "{left:#?}");
    assert!(!classes.contains(&"unreached"), "{left:#?}");
    // Two typed turbofishes, a spawner that is passed as a value, a function as the handler of an upgrade, and
    // a macro.
    let count = |class: &str| classes.iter().filter(|found| **found == class).count();
    assert_eq!((count("manual"), count("macro")), (3, 1), "{left:#?}");
}

/// The same for an attribute on an `impl`, a `trait` and a module.
#[test]
fn an_attribute_on_a_block_covers_its_functions() {
    let source = "pub struct S;

#[propagate_context::propagate_context]
impl S {
    pub fn covered() {
        std::thread::spawn(|| {});
    }

    #[propagate_context(skip)]
    pub fn left_alone() {
        std::thread::spawn(|| {});
    }
}

#[propagate_context::propagate_context]
pub trait T {
    fn covered_by_default(&self) {
        std::thread::spawn(|| {});
    }
}

#[propagate_context::propagate_context]
pub mod m {
    pub fn covered_in_a_module() {
        std::thread::spawn(|| {});
    }
}

pub fn not_covered() {
    std::thread::spawn(|| {});
}
";
    let package = Package::small(
        "annotated_blocks",
        "entries = [\"small\", \"not_covered\", \"left_alone\"]",
        source,
    );
    assert_eq!(package.classes(&["--all"]), ["src/lib.rs:30 lost"]);
}
