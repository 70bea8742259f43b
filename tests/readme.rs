//! README.md and docs/ can be relied on: the program and the commands under "Start" are all that a newcomer needs (the test
//! makes a package of them, and of nothing else), and what the pages link to exists.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The fenced blocks of a section: the language of each, and its lines.
fn blocks(readme: &str, section: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let lines = readme.lines().skip_while(|line| *line != section).skip(1);
    let mut open: Option<(String, String)> = None;
    for line in lines {
        match (&mut open, line.strip_prefix("```")) {
            (None, None) if line.starts_with("## ") => break,
            (None, None) => {}
            (None, Some(language)) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, text)), None) => writeln!(text, "{line}").unwrap(),
        }
    }
    blocks
}

/// A line of a manifest for each crate that `cargo add` adds.
///
/// The command itself would want the newest versions from the registry; these are the ones that the workspace has locked.
fn dependencies(command: &str, runtime: &Path) -> String {
    let runtime = runtime.to_str().unwrap();
    let mut names = Vec::new();
    let mut features = Vec::new();
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        if word == "--features" {
            features.extend(words.next().unwrap().split(','));
        } else {
            assert!(!word.starts_with('-'), "`{word}` in `cargo add {command}`");
            names.push(word);
        }
    }
    let line = |name: &str| {
        let source = match name {
            "propagate-context" => format!("path = {runtime:?}"),
            _ => "version = \"*\"".to_owned(),
        };
        format!("{name} = {{ {source}, features = {features:?} }}\n")
    };
    names.into_iter().map(line).collect()
}

#[test]
fn the_program_of_the_start_section_compiles_with_its_cargo_add_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let blocks = blocks(&readme, "## Start");
    let first = |wanted: &str| {
        let mut blocks = blocks.iter();
        let block = blocks.find(|(language, _)| language.split(',').next() == Some(wanted));
        &block.unwrap().1
    };

    let program = first("rust");
    assert!(
        !program
            .lines()
            .any(|line| line == "#" || line.starts_with("# ")),
        "a rendered page would show hidden lines:\n{program}"
    );
    let commands = first("console").lines();
    let added: String = commands
        .map(|command| {
            let arguments = command.strip_prefix("$ cargo add ");
            dependencies(arguments.expect(command), &root.join("runtime"))
        })
        .collect();
    // The profile of the workspace, so that what it has built is used again.
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let profile = &manifest[manifest.find("[profile.dev]").unwrap()..];
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"readme\"\nedition = \"2024\"\n\n[dependencies]\n{added}\n{profile}"
    );

    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(package.join("src")).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::write(package.join("src/main.rs"), program).unwrap();
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();

    let output = Command::new(env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from))
        .args(["check", "--offline", "--quiet", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .current_dir(&package)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("warning"), "{errors}");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_repository_has_what_the_pages_link_to() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let pages = ["README.md", "CONTRIBUTING.md", "docs/request-ids.md"].map(|page| root.join(page));
    let guide = fs::read_dir(root.join("runtime/src/guide")).unwrap();
    let guide = guide.map(|entry| entry.unwrap().path());
    let guide = guide.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut links = 0;
    for page in pages.into_iter().chain(guide) {
        for url in ["blob/main/", "tree/main/"] {
            for link in read(&page).split(url).skip(1) {
                let path = link.split([')', '#', '\n', ' ']).next().unwrap();
                assert!(root.join(path).exists(), "{} in {}", path, page.display());
                links += 1;
            }
        }
    }
    assert!(links > 5);
}

/// `module::test` and `module` in the last column of the comparison.
#[test]
fn the_tests_that_the_comparison_of_request_ids_names_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = read(&root.parent().unwrap().join("docs/request-ids.md"));
    let rows = page
        .lines()
        .filter(|line| line.starts_with('|') && line.contains('`'));
    let mut tests = 0;
    for row in rows.skip_while(|row| !row.contains("proven by")).skip(1) {
        let proof = row
            .trim_end_matches(['|', ' '])
            .rsplit(" | ")
            .next()
            .unwrap();
        for name in proof.split('`').skip(1).step_by(2) {
            if root.parent().unwrap().join(name).exists() {
                continue; // an example
            }
            let (module, test) = name.split_once("::").unwrap_or((name, ""));
            let source = read(&root.join(format!("it/{module}.rs")));
            assert!(
                source.contains(&format!("fn {test}")),
                "no test `{name}`: {row}"
            );
            tests += 1;
        }
    }
    assert!(tests > 30);
}
