//! The tests of the macros: files that are passed to the compiler.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::Failure;
use crate::case::{Case, Variant};
use crate::compare;
use crate::libraries::Libraries;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Kind {
    /// A right case of the parity tests. Its lints and its output are compared.
    Right,
    /// A wrong case of the parity tests. Its errors are compared.
    Wrong,
    /// A ui test. The text of its errors is compared, or that there are none.
    Ui,
    /// A file of `it`. Its tests have to pass.
    It,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Test {
    pub(crate) kind: Kind,
    pub(crate) index: usize,
}

pub(crate) struct Corpus {
    pub(crate) root: PathBuf,
    pub(crate) work: PathBuf,
    pub(crate) libraries: Libraries,
    pub(crate) cases: Vec<Case>,
    pub(crate) ui: Vec<PathBuf>,
    pub(crate) it: Vec<String>,
    stripped: Mutex<HashMap<Test, Vec<Value>>>,
    plain_ui: Mutex<HashMap<Test, (bool, Vec<u8>)>>,
}

/// A command that takes longer is considered to hang.
const LONGEST: Duration = Duration::from_secs(300);

/// The first lines of a crate of right cases.
pub(crate) const HEAD: &str = "#![recursion_limit = \"1024\"]\n#![allow(unexpected_cfgs)]\n#[macro_use] extern crate propagate_context;\npub mod support;\n";

const HEAD_OF_WRONG: &str =
    "#[macro_use] extern crate propagate_context;\n#[path = \"suspend.rs\"] pub mod support;\n";

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.sort();
    Ok(paths)
}

impl Corpus {
    pub(crate) fn read(root: &Path, work: PathBuf, libraries: Libraries) -> Result<Self, Failure> {
        let parity = root.join("tests/parity");
        let mut cases = Case::read_all(&parity.join("cases"), &work);
        // Takes as long as all other cases together.
        cases.retain(|case| case.name != "nested_two_hundred");
        for shared in ["support.rs", "suspend.rs"] {
            fs::copy(parity.join(shared), work.join(shared))?;
        }
        let mut ui = files(&root.join("tests/ui/fail"))?;
        ui.extend(files(&root.join("tests/ui/pass"))?);
        let main = fs::read_to_string(root.join("tests/it/main.rs"))?;
        let it = main
            .lines()
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        // Modules that other files use, or that consist of several files.
        let it = it.filter(|name| !["support", "stacking_entries"].contains(name));
        Ok(Corpus {
            root: root.to_owned(),
            work,
            libraries,
            cases,
            ui,
            it: it.map(str::to_owned).collect(),
            stripped: Mutex::default(),
            plain_ui: Mutex::default(),
        })
    }

    pub(crate) fn name(&self, test: Test) -> String {
        match test.kind {
            Kind::Right | Kind::Wrong => format!("parity {}", self.cases[test.index].name),
            Kind::Ui => format!("ui {}", self.stem(test)),
            Kind::It => format!("it {}", self.it[test.index]),
        }
    }

    fn stem(&self, test: Test) -> String {
        self.ui[test.index]
            .file_stem()
            .unwrap_or_default()
            .display()
            .to_string()
    }

    /// Returns the file of a test, and its module name.
    pub(crate) fn file(&self, test: Test) -> (PathBuf, String) {
        match test.kind {
            Kind::Right | Kind::Wrong => {
                let name = &self.cases[test.index].name;
                (self.work.join(format!("kept/{name}.rs")), name.clone())
            }
            Kind::Ui => (self.ui[test.index].clone(), self.stem(test)),
            Kind::It => {
                let name = &self.it[test.index];
                (self.root.join(format!("tests/it/{name}.rs")), name.clone())
            }
        }
    }

    /// Returns all tests except those of `it`.
    pub(crate) fn small_tests(&self) -> Vec<Test> {
        let kind = |index: usize| {
            if self.cases[index].is_wrong {
                Kind::Wrong
            } else {
                Kind::Right
            }
        };
        let cases = (0..self.cases.len()).map(|index| Test {
            kind: kind(index),
            index,
        });
        let ui = (0..self.ui.len()).map(|index| Test {
            kind: Kind::Ui,
            index,
        });
        cases.chain(ui).collect()
    }

    pub(crate) fn folder(&self, worker: usize) -> Result<PathBuf, Failure> {
        let folder = self.work.join(format!("worker_{worker}"));
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Whether a wrong case or a ui test passes with a mutant. The file is compiled separately.
    pub(crate) fn passes(&self, test: Test, mutant: usize, worker: usize) -> Result<bool, Failure> {
        let with = Some(mutant);
        Ok(match test.kind {
            Kind::Wrong => {
                let kept = self.errors(test, Variant::Kept, with, worker)?;
                let found = self.stripped.lock().expect("no panic").get(&test).cloned();
                let stripped = match found {
                    Some(found) => found,
                    None => self.errors(test, Variant::Stripped, None, worker)?,
                };
                self.stripped
                    .lock()
                    .expect("no panic")
                    .insert(test, stripped.clone());
                let case = &self.cases[test.index];
                compare::messages(case, "2024", &kept, &stripped).is_empty()
            }
            Kind::Ui => {
                let found = self.plain_ui.lock().expect("no panic").get(&test).cloned();
                let plain = match found {
                    Some(found) => found,
                    None => self.ui_text(test, None, worker)?,
                };
                self.plain_ui
                    .lock()
                    .expect("no panic")
                    .insert(test, plain.clone());
                self.ui_text(test, with, worker)? == plain
            }
            Kind::Right | Kind::It => return Err("these are tried in batches".into()),
        })
    }

    fn errors(
        &self,
        test: Test,
        variant: Variant,
        mutant: Option<usize>,
        worker: usize,
    ) -> Result<Vec<Value>, Failure> {
        let root = self.work.join(format!("errors_{worker}.rs"));
        let module = self.cases[test.index].module(variant);
        fs::write(&root, format!("{HEAD_OF_WRONG}{module}"))?;
        let mut command = self.libraries.rustc_check(&root);
        command
            .args(["--error-format", "json", "--out-dir"])
            .arg(self.folder(worker)?);
        Ok(messages(&finish(command, mutant)?))
    }

    fn ui_text(
        &self,
        test: Test,
        mutant: Option<usize>,
        worker: usize,
    ) -> Result<(bool, Vec<u8>), Failure> {
        let mut command = self.libraries.rustc();
        command.args([
            "--emit",
            "metadata",
            "--color",
            "never",
            "--edition",
            "2024",
        ]);
        command
            .arg("--out-dir")
            .arg(self.folder(worker)?)
            .arg(&self.ui[test.index]);
        let output = finish(command, mutant)?;
        Ok((output.status.success(), output.stderr))
    }

    /// Returns the command that compiles files of `it`.
    pub(crate) fn compile_it(&self, root: &Path) -> Command {
        let mut command = self.libraries.rustc();
        command
            .arg(root)
            .args(["--test", "--edition", "2024", "--cap-lints", "allow"]);
        command
            .args(["-C", "debuginfo=0"])
            .current_dir(&self.root)
            .env("CARGO", "cargo");
        command.env("CARGO_MANIFEST_DIR", self.root.join("tests"));
        command
    }
}

/// Parses the JSON messages of the compiler.
pub(crate) fn messages(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Runs a program to its end. A program that hangs is killed.
pub(crate) fn finish(mut command: Command, mutant: Option<usize>) -> Result<Output, Failure> {
    if let Some(number) = mutant {
        command.env("MUTANT", number.to_string());
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (send, stdout) = mpsc::channel();
    let err = thread::spawn(move || read(err));
    thread::spawn(move || send.send(read(out)));
    let stdout = stdout.recv_timeout(LONGEST);
    if stdout.is_err() {
        child.kill()?;
    }
    Ok(Output {
        status: child.wait()?,
        stdout: stdout.unwrap_or_default(),
        stderr: err.join().unwrap_or_default(),
    })
}

fn read(from: Option<impl std::io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        _ = from.read_to_end(&mut bytes);
    }
    bytes
}
