//! The files that each mutant changes, and the resulting expansions.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Failure;
use crate::corpus::{Corpus, HEAD, Kind, Test, finish};

#[derive(Default)]
pub(crate) struct Reach {
    /// For each mutant, the tests that it changes, with a number that identifies the changed expansions.
    changed: HashMap<usize, BTreeMap<Test, u64>>,
}

impl Reach {
    /// Compiles all files except those of `it` in one crate. The many errors of this crate occur after the expansion.
    pub(crate) fn of_small_tests(corpus: &Corpus) -> Result<Self, Failure> {
        let mut source = HEAD.to_owned();
        let mut places = HashMap::new();
        for test in corpus.small_tests() {
            let (file, name) = corpus.file(test);
            let kind = if test.kind == Kind::Ui {
                "ui"
            } else {
                "parity"
            };
            writeln!(source, "#[path = {file:?}]\nmod {kind}_{name};")?;
            places.insert(file.display().to_string(), test);
        }
        let root = corpus.work.join("record_all.rs");
        fs::write(&root, source)?;
        let record = corpus.work.join("record");
        _ = fs::remove_file(&record);
        let mut command = corpus.libraries.rustc();
        command
            .arg(root)
            .args(["--crate-type", "lib", "--emit", "metadata"]);
        command.args(["--cap-lints", "allow", "--edition", "2024"]);
        command
            .arg("--out-dir")
            .arg(corpus.folder(0)?)
            .env("MUTANTS_RECORD", &record);
        finish(command, None)?;
        let mut reach = Reach::default();
        let seen = reach.read(&record, |place| places.get(place).copied());
        for (place, test) in &places {
            if !seen.contains(test) {
                println!("nothing is expanded in {place}");
            }
        }
        Ok(reach)
    }

    /// Records the changes of `mutants` in all files of `it`.
    pub(crate) fn add_it(&mut self, corpus: &Corpus, mutants: &[usize]) -> Result<(), Failure> {
        let record = corpus.work.join("record_it");
        _ = fs::remove_file(&record);
        let only = corpus.work.join("only");
        let lines: String = mutants.iter().map(|number| format!("{number}\n")).collect();
        fs::write(&only, lines)?;
        let mut command = corpus.compile_it(&corpus.root.join("tests/it/main.rs"));
        command
            .args(["--emit", "metadata", "--out-dir"])
            .arg(corpus.folder(0)?);
        command
            .env("MUTANTS_RECORD", &record)
            .env("MUTANTS_ONLY", only);
        let output = finish(command, None)?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        self.read(&record, |place| {
            let module = place.split_once("tests/it/")?.1;
            let module = module.split(['/', '.']).next()?;
            let index = corpus.it.iter().position(|name| name == module)?;
            Some(Test {
                kind: Kind::It,
                index,
            })
        });
        Ok(())
    }

    fn read(&mut self, record: &Path, test: impl Fn(&str) -> Option<Test>) -> Vec<Test> {
        let text = fs::read_to_string(record).unwrap_or_default();
        let mut seen = Vec::new();
        for line in text.lines() {
            let mut words = line.split('\t');
            let Some(test) = words.next().and_then(&test) else {
                continue;
            };
            if seen.last() != Some(&test) {
                seen.push(test);
            }
            let mutant = words.next().and_then(|word| word.parse::<usize>().ok());
            let hash = words.next().and_then(|word| word.parse::<u64>().ok());
            let (Some(mutant), Some(hash)) = (mutant, hash) else {
                continue;
            };
            if hash != 0 {
                let all = self
                    .changed
                    .entry(mutant)
                    .or_default()
                    .entry(test)
                    .or_default();
                *all = all.wrapping_mul(0x0100_0000_01b3) ^ hash;
            }
        }
        seen
    }

    /// Returns the tests that a mutant changes, with the numbers of the changed expansions.
    pub(crate) fn changed(&self, mutant: usize) -> BTreeMap<Test, u64> {
        self.changed.get(&mutant).cloned().unwrap_or_default()
    }
}
