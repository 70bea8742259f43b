//! README.md, the guide and docs/ are correct: the program under "Start" compiles with only the dependencies of its
//! commands, all links have a target, and the versions, features and limits are those of the code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Returns the fenced blocks of a section: the language and the lines of each.
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

/// Returns a line of a manifest for each crate that `cargo add` adds.
///
/// The command itself would add the newest versions from the registry. These lines use the locked versions of the
/// workspace.
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
    // The profile of the workspace, so that existing artifacts are reused.
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
fn links_to_the_repository_exist() {
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
        for link in read(&page).split("propagate_context/_guide/").skip(1) {
            let chapter = link.split(|c: char| !c.is_ascii_lowercase() && c != '_');
            let chapter = chapter.into_iter().next().unwrap();
            let path = format!("runtime/src/guide/{chapter}.md");
            assert!(
                chapter.is_empty() || root.join(&path).exists(),
                "{path} in {}",
                page.display()
            );
        }
    }
    assert!(links > 5);
}

/// The last column of the comparison contains `module::test` or `module`.
#[test]
fn tests_named_by_the_comparison_of_request_ids_exist() {
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

/// Returns the rows of the table under `section`, as cells without backticks.
fn table(page: &str, section: &str) -> Vec<Vec<String>> {
    let lines = page.lines().skip_while(|line| *line != section);
    let rows = lines
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    let cells = |row: &str| {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().replace('`', "")).collect()
    };
    rows.map(cells).collect()
}

/// `1 (from 1.41)` and `1, from 1.41` mean that `[workspace.dependencies]` requires at least 1.41.
#[test]
fn the_supported_versions_are_those_of_the_manifest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = read(&root.join("Cargo.toml"));
    let required = |name: &str| {
        let start = format!("\n{name} = ");
        let line = manifest
            .split(&start)
            .nth(1)
            .unwrap_or_else(|| panic!("{name}"));
        line.split('"').nth(1).unwrap().to_owned()
    };
    let readme = table(&read(&root.join("README.md")), "## Supported versions");
    let guide = read(&root.join("runtime/src/guide/versions.md"));
    let guide = table(&guide, "Supported versions.");
    assert!(readme.len() > 5 && guide.len() > readme.len());
    for row in readme.iter().chain(&guide) {
        let versions = row[0].split(", ").zip(row[1].split(", "));
        for (name, version) in versions.filter(|(name, _)| *name != "hyper-util") {
            let required = required(name);
            let of_row = row[1]
                .rsplit_once("from ")
                .map_or(version, |(_, from)| from);
            let of_row = of_row.trim_end_matches(')');
            assert!(
                required == of_row || required.starts_with(&format!("{of_row}.")),
                "{name} {of_row}, but {required} in the manifest"
            );
        }
    }
    for row in &readme {
        let same = guide.iter().filter(|other| other[0] == row[0]);
        let versions: Vec<_> = same
            .map(|other| other[1].replace(", from ", " (from "))
            .collect();
        let version = row[1].trim_end_matches(')');
        assert_eq!(versions, [version], "{} in the guide", row[0]);
    }
}

#[test]
fn the_tables_of_features_name_each_feature() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = read(&root.join("runtime/Cargo.toml"));
    let features = manifest.split("\n[features]\n").nth(1).unwrap();
    let features = features.split("\n[").next().unwrap().lines();
    let mut features: Vec<_> = features
        .filter_map(|line| line.split_once(" = ["))
        .map(|(name, _)| name)
        .filter(|name| *name != "default")
        .collect();
    features.sort_unstable();
    for (page, section) in [
        ("README.md", "## Features"),
        ("runtime/src/lib.md", "# Features"),
    ] {
        let rows = table(&read(&root.join(page)), section);
        let mut named: Vec<_> = rows.iter().flat_map(|row| row[0].split(", ")).collect();
        named.sort_unstable();
        assert_eq!(named, features, "{page}");
    }
}

/// The bold text at the start of an item in the guide's limits is the start of a test's comment.
#[test]
fn each_limit_of_the_guide_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = read(&root.parent().unwrap().join("runtime/src/guide/limits.md"));
    let limits: Vec<_> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split("**").next())
        .collect();
    assert!(limits.len() > 10);
    let tests = read(&root.join("it/known_limitations.rs"));
    let comments = tests.lines().filter_map(|line| line.strip_prefix("/// "));
    let tested: Vec<_> = comments
        .filter(|line| {
            limits
                .iter()
                .any(|limit| line.split(['.', ':']).next() == Some(limit))
        })
        .collect();
    for limit in &limits {
        let of_limit = |line: &&&str| line.split(['.', ':']).next() == Some(limit);
        assert_eq!(tested.iter().filter(of_limit).count(), 1, "{limit}");
    }
    assert_eq!(tests.matches("\n#[test]\n").count(), limits.len());
}
