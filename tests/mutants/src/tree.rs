//! A copy of the repository with all mutants in it, and the test programs that are built of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

use crate::Failure;
use crate::list::{Mutant, Numbers};
use crate::schemata;

pub(crate) struct Tree {
    root: PathBuf,
    target: PathBuf,
}

/// The test programs, by the name of their target.
pub(crate) type Programs = BTreeMap<String, PathBuf>;

/// What cargo says about what it builds.
#[derive(Deserialize)]
struct Report {
    message: Option<Message>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    rendered: Option<String>,
    spans: Vec<Value>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

impl Tree {
    pub(crate) fn copy(root: PathBuf, target: PathBuf) -> Result<Self, Failure> {
        _ = fs::remove_dir_all(&root);
        let files = Command::new("git")
            .args(["ls-files", "-z"])
            .output()?
            .stdout;
        for file in String::from_utf8(files)?.split_terminator('\0') {
            let to = root.join(file);
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(file, to).map_err(|error| format!("{file}: {error}"))?;
        }
        fs::write(root.join("runtime/src/mutants.rs"), schemata::QUESTION)?;
        let lib = root.join("runtime/src/lib.rs");
        let text = fs::read_to_string(&lib)? + "\n#[allow(warnings)]\nmod mutants;\n";
        fs::write(lib, text)?;
        Ok(Self { root, target })
    }

    /// Writes the mutants into the copy, but for those that do not compile; returns those that are there.
    pub(crate) fn place(&self, mutants: &[Mutant]) -> Result<Numbers, Failure> {
        let mut left_out = Numbers::new();
        loop {
            let placed = self.write(mutants, &left_out)?;
            let broken = self.broken()?;
            if broken.is_empty() {
                return Ok(placed);
            }
            left_out.extend(broken);
        }
    }

    fn write(&self, mutants: &[Mutant], left_out: &Numbers) -> Result<Numbers, Failure> {
        let mut placed = Numbers::new();
        let mut files: Vec<&str> = mutants.iter().map(|mutant| &*mutant.file).collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            let source = syn::parse_file(&fs::read_to_string(file)?)?;
            let here = mutants
                .iter()
                .enumerate()
                .filter(|(_, mutant)| mutant.file == file);
            let written = schemata::write(source, here, left_out, &mut placed);
            fs::write(self.root.join(file), written)?;
        }
        Ok(placed)
    }

    /// The mutants next to the errors of the compiler.
    fn broken(&self) -> Result<Numbers, Failure> {
        let mut broken = Numbers::new();
        for report in self.cargo(&["check", "-p", "propagate-context", "--all-features"])? {
            let Some(message) = report.message.filter(|message| message.level == "error") else {
                continue;
            };
            let near: Vec<usize> = message
                .spans
                .iter()
                .flat_map(|span| self.near(span))
                .collect();
            if near.is_empty() && !message.spans.is_empty() {
                return Err(message.rendered.unwrap_or_default().into());
            }
            broken.extend(near);
        }
        Ok(broken)
    }

    /// The mutants in the lines around a span, those of the nearest line that has some.
    fn near(&self, span: &Value) -> Vec<usize> {
        let file = self
            .root
            .join(span["file_name"].as_str().unwrap_or_default());
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let start = usize::try_from(span["line_start"].as_u64().unwrap_or(0)).unwrap_or(0);
        let found =
            (0..7).flat_map(|off| [start.checked_sub(1 + off), (start + off).checked_sub(1)]);
        let mut found = found.flatten().filter_map(|line| {
            let asked = lines.get(line)?.split("mutants::is(").skip(1);
            let numbers = asked.filter_map(|rest| rest.split("usize").next()?.parse().ok());
            let numbers: Vec<usize> = numbers.collect();
            (!numbers.is_empty()).then_some(numbers)
        });
        found.next().unwrap_or_default()
    }

    pub(crate) fn build(&self) -> Result<Programs, Failure> {
        let tests = [
            &["-p", "propagate-context", "--lib", "--all-features"][..],
            &["-p", "propagate-context-model", "--test", "model"],
            &["-p", "propagate-context-faults", "--test", "matrix"],
            &["-p", "propagate-context-tests", "--test", "it"],
            &[
                "--test",
                "ambient",
                "--test",
                "panic_hook",
                "--test",
                "panic_hook_log",
            ],
            &["--test", "log_display_harmless", "--no-run"],
        ];
        let reports = self.cargo(&[&["test"][..], &tests.concat()].concat())?;
        let programs = reports
            .into_iter()
            .filter_map(|report| Some((report.target?.name, report.executable?)));
        Ok(programs.collect())
    }

    pub(crate) fn tests(&self) -> PathBuf {
        self.root.join("tests")
    }

    fn cargo(&self, args: &[&str]) -> Result<Vec<Report>, Failure> {
        let output = Command::new("cargo")
            .args(args)
            .args(["--message-format", "json", "--quiet"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .stderr(Stdio::null())
            .output()?;
        let lines = output.stdout.split(|byte| *byte == b'\n');
        Ok(lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect())
    }
}

/// A path that does not depend on where it is used.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(path)?)
}
