//! Many mutants in one compilation: a module for each pair of a mutant and a file, in a folder named after the mutant.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::Failure;
use crate::case::Variant;
use crate::compare;
use crate::corpus::{Corpus, HEAD, Kind, Test, finish, messages};
use crate::toolchain::LINTS;

pub(crate) type Pair = (usize, Test);

pub(crate) struct Batches<'c> {
    corpus: &'c Corpus,
    /// The messages of the compiler and clippy for the right cases without the attribute.
    stripped: Vec<Value>,
    printed: HashMap<Test, Vec<u8>>,
    /// The expansion errors of the ui tests.
    ui: HashMap<Test, BTreeSet<String>>,
}

/// The number that stands for no mutant.
const NONE: usize = usize::MAX;

impl<'c> Batches<'c> {
    pub(crate) fn new(corpus: &'c Corpus) -> Result<Self, Failure> {
        let mut batches = Batches {
            corpus,
            stripped: Vec::new(),
            printed: HashMap::new(),
            ui: HashMap::new(),
        };
        let all = corpus.small_tests();
        let right = all.iter().copied().filter(|test| test.kind == Kind::Right);
        let modules: String = right
            .clone()
            .map(|test| corpus.cases[test.index].module(Variant::Stripped))
            .collect();
        let root = corpus.work.join("stripped_of_all.rs");
        fs::write(&root, format!("{HEAD}{modules}"))?;
        let output = finish(batches.lints(root, 0)?, None)?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        batches.stripped = messages(&output);
        // Parity holds without a mutant, so the output is the expected output of the annotated code.
        let none: Vec<Pair> = right.map(|test| (NONE, test)).collect();
        let ran = batches.run(&none, 0)?;
        batches.printed = none.iter().map(|(_, test)| *test).zip(ran).collect();
        let ui = all.into_iter().filter(|test| test.kind == Kind::Ui);
        let none: Vec<Pair> = ui.map(|test| (NONE, test)).collect();
        let errors = batches.ui_errors(&none, 0)?;
        batches.ui = none.iter().map(|(_, test)| *test).zip(errors).collect();
        batches.ui.retain(|_, errors| !errors.is_empty());
        Ok(batches)
    }

    /// Returns the pairs whose test fails. All pairs must be of the same kind.
    pub(crate) fn caught(&self, pairs: &[Pair], worker: usize) -> Result<Vec<Pair>, Failure> {
        match pairs.first().map(|(_, test)| test.kind) {
            Some(Kind::Right) => self.right(pairs, worker),
            Some(Kind::Ui) => {
                let found = self.ui_errors(pairs, worker)?;
                let pairs = pairs.iter().zip(found);
                let differ = pairs.filter(|((_, test), found)| self.ui.get(test) != Some(found));
                Ok(differ.map(|(pair, _)| *pair).collect())
            }
            Some(Kind::It) => self.it(pairs, worker),
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a test can be part of a batch. A ui test can if its errors come from the expansion.
    pub(crate) fn takes(&self, test: Test) -> bool {
        match test.kind {
            Kind::Ui => self.ui.contains_key(&test),
            Kind::Wrong => false,
            Kind::Right | Kind::It => true,
        }
    }

    fn right(&self, pairs: &[Pair], worker: usize) -> Result<Vec<Pair>, Failure> {
        let mut left = pairs.to_vec();
        let mut caught = self.broken(&mut left, worker, |root| {
            let mut command = self.corpus.libraries.rustc();
            command
                .arg(root)
                .args(["--crate-type", "lib", "--emit", "metadata"]);
            command.args(["--cap-lints", "warn", "--edition", "2024"]);
            command
        })?;
        if left.is_empty() {
            return Ok(caught);
        }
        let root = self.write(&left, HEAD, worker)?;
        let said = said(&finish(self.lints(root, worker)?, None)?);
        left.retain(|pair| {
            let about: Vec<Value> = self.about(&said, *pair).cloned().collect();
            let case = &self.corpus.cases[pair.1.index];
            let same = compare::messages(case, "2024", &about, &self.stripped).is_empty();
            if !same {
                caught.push(*pair);
            }
            same
        });
        let runs: Vec<Pair> = left
            .into_iter()
            .filter(|(_, test)| self.corpus.cases[test.index].runs)
            .collect();
        let printed = self.run(&runs, worker)?;
        for (pair, printed) in runs.into_iter().zip(printed) {
            if self.printed.get(&pair.1) != Some(&printed) {
                caught.push(pair);
            }
        }
        Ok(caught)
    }

    /// Removes the pairs with errors from `left` until the rest compiles. Returns the removed pairs.
    fn broken(
        &self,
        left: &mut Vec<Pair>,
        worker: usize,
        compile: impl Fn(PathBuf) -> Command,
    ) -> Result<Vec<Pair>, Failure> {
        let mut caught = Vec::new();
        let head = match left.first() {
            Some((_, Test { kind: Kind::It, .. })) => "mod support;\n",
            _ => HEAD,
        };
        while !left.is_empty() {
            let root = self.write(left, head, worker)?;
            let mut command = compile(root);
            command
                .args(["--error-format", "json", "--out-dir"])
                .arg(self.corpus.folder(worker)?);
            let output = finish(command, None)?;
            if output.status.success() {
                break;
            }
            let mut said = said(&output);
            said.retain(|(_, message)| message["level"] == "error");
            let before = left.len();
            left.retain(|pair| {
                let is_broken = self.about(&said, *pair).next().is_some();
                if is_broken {
                    caught.push(*pair);
                }
                !is_broken
            });
            if left.len() == before {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
        }
        Ok(caught)
    }

    /// Writes a crate with a module for each pair.
    fn write(&self, pairs: &[Pair], head: &str, worker: usize) -> Result<PathBuf, Failure> {
        let mut source = head.to_owned();
        let of_it = head == "mod support;\n";
        let base = if of_it {
            self.corpus.root.join("tests/it")
        } else {
            self.corpus.work.clone()
        };
        for pair in pairs {
            let (file, name) = self.corpus.file(pair.1);
            let folder = base.join(folder(*pair));
            fs::create_dir_all(&folder)?;
            fs::copy(file, folder.join(format!("{name}.rs")))?;
            let path = format!("{}/{name}.rs", folder.display());
            writeln!(
                source,
                "#[path = {path:?}]\npub mod {};",
                module(*pair, &name)
            )?;
        }
        let root = base.join(format!("batch_{worker}.rs"));
        fs::write(&root, source)?;
        Ok(root)
    }

    fn lints(&self, root: PathBuf, worker: usize) -> Result<Command, Failure> {
        let mut command = self.corpus.libraries.clippy();
        command.args(LINTS.iter().flat_map(|lint| ["-W", lint]));
        command
            .arg(root)
            .args(["--crate-type", "lib", "--emit", "metadata"]);
        command.args(["--error-format", "json", "--edition", "2024"]);
        command.arg("--out-dir").arg(self.corpus.folder(worker)?);
        Ok(command)
    }

    /// Runs the right cases and returns the output of each.
    fn run(&self, pairs: &[Pair], worker: usize) -> Result<Vec<Vec<u8>>, Failure> {
        let runs = |(_, test): &&Pair| self.corpus.cases[test.index].runs;
        let mut runs: Vec<Pair> = pairs.iter().filter(runs).copied().collect();
        let folder = self.corpus.folder(worker)?;
        while !self.link(&mut runs, worker)? {}
        let printed = pairs.iter().map(|pair| {
            if !runs.contains(pair) {
                return Ok(self.printed.get(&pair.1).cloned().unwrap_or_default());
            }
            let mut command = Command::new(folder.join("run"));
            command.arg(module(*pair, &self.corpus.file(pair.1).1));
            let output = finish(command, None)?;
            Ok(if output.status.success() {
                output.stdout
            } else {
                b"fails".to_vec()
            })
        });
        printed.collect()
    }

    /// Builds a program that runs all pairs. If that fails, removes the pairs that cannot be in one program, such as
    /// those that export the same name, and returns `false`.
    fn link(&self, runs: &mut Vec<Pair>, worker: usize) -> Result<bool, Failure> {
        let root = self.write(runs, HEAD, worker)?;
        let mut source = fs::read_to_string(&root)?;
        source += "fn main() { let which = std::env::args().nth(1).unwrap();\n match &*which {\n";
        for pair in &*runs {
            let module = module(*pair, &self.corpus.file(pair.1).1);
            writeln!(source, "{module:?} => support::run(\"\", {module}::run),")?;
        }
        source += "_ => {} } }\n";
        fs::write(&root, source)?;
        let mut command = self.corpus.libraries.rustc();
        command
            .arg(root)
            .args(["--cap-lints", "allow", "-C", "debuginfo=0"]);
        command.args([
            "--error-format",
            "json",
            "--edition",
            "2024",
            "--crate-name",
            "run",
        ]);
        command.arg("--out-dir").arg(self.corpus.folder(worker)?);
        let output = finish(command, None)?;
        if output.status.success() {
            return Ok(true);
        }
        let said = said(&output);
        let before = runs.len();
        runs.retain(|pair| self.about(&said, *pair).next().is_none());
        if runs.len() == before {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(false)
    }

    /// Returns the expansion errors. If there are any, the compiler does not report later errors.
    fn ui_errors(&self, pairs: &[Pair], worker: usize) -> Result<Vec<BTreeSet<String>>, Failure> {
        let root = self.write(pairs, "", worker)?;
        let mut command = self.corpus.libraries.rustc_check(&root);
        command
            .args(["--error-format", "json", "--out-dir"])
            .arg(self.corpus.folder(worker)?);
        let mut said = said(&finish(command, None)?);
        said.retain(|(_, message)| message["level"] == "error");
        let texts = pairs.iter().map(|pair| {
            let texts = self
                .about(&said, *pair)
                .filter_map(|message| message["rendered"].as_str());
            texts.map(|text| text.replace(&folder(*pair), "")).collect()
        });
        Ok(texts.collect())
    }

    fn it(&self, pairs: &[Pair], worker: usize) -> Result<Vec<Pair>, Failure> {
        // Each file is also run without a mutant, since some tests fail if they are compiled in another place.
        let files: BTreeSet<Test> = pairs.iter().map(|(_, test)| *test).collect();
        let mut left: Vec<Pair> = files.into_iter().map(|test| (NONE, test)).collect();
        left.extend(pairs);
        let mut caught = self.broken(&mut left, worker, |root| {
            let mut command = self.corpus.compile_it(&root);
            command.args(["--emit", "metadata"]);
            command
        })?;
        let root = self.write(&left, "mod support;\n", worker)?;
        let folder = self.corpus.folder(worker)?;
        let mut command = self.corpus.compile_it(&root);
        command
            .args(["--crate-name", "it", "--out-dir"])
            .arg(&folder);
        let output = finish(command, None)?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        for pair in left {
            let mut command = Command::new(folder.join("it"));
            command.arg(format!("{}::", module(pair, &self.corpus.file(pair.1).1)));
            command.current_dir(self.corpus.root.join("tests"));
            if !finish(command, None)?.status.success() {
                caught.push(pair);
            }
        }
        let fails: Vec<Test> = caught
            .iter()
            .filter(|(mutant, _)| *mutant == NONE)
            .map(|(_, test)| *test)
            .collect();
        caught.retain(|(_, test)| !fails.contains(test));
        Ok(caught)
    }
}

fn folder((mutant, _): Pair) -> String {
    if mutant == NONE {
        "none".to_owned()
    } else {
        format!("m{mutant}")
    }
}

fn module(pair: Pair, name: &str) -> String {
    format!("{}_{name}", folder(pair))
}

/// The messages of the compiler, as text and parsed.
type Said = Vec<(String, Value)>;

fn said(output: &Output) -> Said {
    let messages = messages(output).into_iter();
    messages
        .map(|message| (message.to_string(), message))
        .collect()
}

impl Batches<'_> {
    /// Returns the messages about a pair.
    fn about<'m>(&self, said: &'m Said, pair: Pair) -> impl Iterator<Item = &'m Value> {
        let file = format!("/{}/{}.rs", folder(pair), self.corpus.file(pair.1).1);
        let about = said.iter().filter(move |(text, _)| text.contains(&file));
        about.map(|(_, message)| message)
    }
}
