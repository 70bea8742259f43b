//! A copy of the repository that contains all mutants, and the test programs that are built from it.

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
    subject: &'static Subject,
    /// The files that contain mutants.
    sources: Vec<String>,
}

/// The crate that is mutated.
pub(crate) struct Subject {
    /// The folder of its sources.
    pub(crate) sources: &'static str,
    /// The module that is added to the crate.
    pub(crate) question: &'static str,
    /// The builds that have to compile: the folder, its folder in cargo's target folder, and the arguments.
    pub(crate) checks: &'static [(&'static str, &'static str, &'static str)],
}

/// A test program, and the folder in which cargo would run it.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
}

/// The programs by the names of their package's folder and their target.
pub(crate) type Programs = BTreeMap<String, Program>;

/// The test builds: the folder, its folder in cargo's target folder, and the arguments.
const BUILDS: &[(&str, &str, &str)] = &[
    (
        ".",
        "",
        "-p propagate-context --lib --all-features -p propagate-context-model -p propagate-context-faults \
         -p propagate-context-tests --test it --test model --test found --test matrix --test ambient --test audit \
         --test panic_hook --test panic_hook_log --test log_display_harmless",
    ),
    ("tests/sinks", "", "--tests"),
    ("tests/service", "", "--tests"),
    // Has a separate target folder, since it is compiled with different flags.
    ("tests/hooks", "hooks", "--tests"),
];

pub(crate) const RUNTIME: Subject = Subject {
    sources: "runtime/src/",
    question: schemata::QUESTION,
    checks: &[
        (".", "", "check -p propagate-context --all-features"),
        // Has a separate target folder, since it is compiled with a different flag.
        ("tests/hooks", "hooks", "check --tests"),
    ],
};

/// A message of cargo about a build.
#[derive(Deserialize)]
struct Report {
    message: Option<Message>,
    target: Option<Target>,
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
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
    /// Copies the repository. Writes only files that differ from an earlier copy, so that cargo rebuilds only those.
    pub(crate) fn copy(
        root: PathBuf,
        target: PathBuf,
        subject: &'static Subject,
    ) -> Result<Self, Failure> {
        let listed = Command::new("git")
            .args(["ls-files", "-z"])
            .output()?
            .stdout;
        let listed = String::from_utf8(listed)?;
        let (sources, others): (Vec<_>, Vec<_>) = listed
            .split_terminator('\0')
            .map(ToOwned::to_owned)
            .partition(|file| file.starts_with(subject.sources) && file.ends_with(".rs"));
        let tree = Self {
            root,
            target,
            subject,
            sources,
        };
        for file in others {
            let text = fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
            tree.put(&file, &text)?;
        }
        let question = format!("{}mutants.rs", subject.sources);
        tree.put(&question, subject.question.as_bytes())?;
        Ok(tree)
    }

    pub(crate) fn put(&self, file: &str, text: &[u8]) -> Result<(), Failure> {
        let to = self.root.join(file);
        if fs::read(&to).is_ok_and(|old| old == text) {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(to, text)?)
    }

    /// Writes the mutants that compile into the copy, and returns their numbers.
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
        for file in &self.sources {
            let mut source = fs::read_to_string(file)?;
            let here = mutants.iter().enumerate();
            let mut here = here.filter(|(_, mutant)| mutant.file == *file).peekable();
            if here.peek().is_some() {
                source = schemata::write(syn::parse_file(&source)?, here, left_out, &mut placed);
            }
            if file.strip_prefix(self.subject.sources) == Some("lib.rs") {
                source += "\n#[allow(warnings)]\n#[doc(hidden)]\npub mod mutants;\n";
            }
            self.put(file, source.as_bytes())?;
        }
        Ok(placed)
    }

    /// Returns the mutants next to compiler errors.
    fn broken(&self) -> Result<Numbers, Failure> {
        let mut broken = Numbers::new();
        for (folder, target, args) in self.subject.checks {
            let (folder, target) = (self.root.join(folder), self.target.join(target));
            let args: Vec<&str> = args.split(' ').collect();
            for report in cargo(&folder, &target, &args)?.1 {
                let Some(message) = report.message.filter(|message| message.level == "error")
                else {
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
            if !broken.is_empty() {
                break;
            }
        }
        Ok(broken)
    }

    /// Returns the mutants in the line nearest to a span that contains any.
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
        let mut programs = Programs::new();
        for (folder, target, args) in BUILDS {
            let (target, folder) = (self.target.join(target), self.root.join(folder));
            let args: Vec<&str> = ["test", "--no-run"]
                .into_iter()
                .chain(args.split(' '))
                .collect();
            let (built, reports) = cargo(&folder, &target, &args)?;
            if !built {
                return Err(format!("fails in {}: cargo {args:?}", folder.display()).into());
            }
            for report in reports {
                let (Some(target), Some(path)) = (report.target, report.executable) else {
                    continue;
                };
                let folder = report.manifest_path.and_then(|manifest| {
                    let folder = manifest.parent()?.to_owned();
                    let name = folder.file_name()?.to_str()?.to_owned();
                    Some((name, folder))
                });
                let (package, folder) = folder.ok_or("a target without a manifest")?;
                let name = format!("{package}/{}", target.name);
                programs.insert(name, Program { path, folder });
            }
        }
        Ok(programs)
    }
}

/// Runs cargo in `folder`. Returns whether it succeeds, and its messages.
fn cargo(folder: &Path, target: &Path, args: &[&str]) -> Result<(bool, Vec<Report>), Failure> {
    let output = Command::new("cargo")
        .args(args)
        .args(["--message-format", "json", "--quiet"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        // The same setting as in the workspace, so that shared dependencies are compiled once.
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .stderr(Stdio::null())
        .output()?;
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let reports = lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    Ok((output.status.success(), reports))
}

/// Returns the absolute path.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(path)?)
}
