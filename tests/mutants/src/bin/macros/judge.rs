//! Tries each mutant with the tests that it changes, until one fails.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use crate::Failure;
use crate::batch::{Batches, Pair};
use crate::corpus::{Corpus, Kind, Test, finish};
use crate::reach::Reach;

pub(crate) struct Judge<'c> {
    corpus: &'c Corpus,
    /// The mutants that no test has caught so far.
    left: Mutex<Vec<usize>>,
    /// The pairs of a mutant and a test that have been tried.
    tried: Mutex<HashSet<Pair>>,
    print: &'c (dyn Fn(usize, &str) + Sync),
    caught: Mutex<usize>,
}

/// The number of modules in one compilation.
const BATCH: usize = 120;
const BATCH_OF_IT: usize = 24;

impl<'c> Judge<'c> {
    pub(crate) fn new(
        corpus: &'c Corpus,
        mutants: Vec<usize>,
        print: &'c (dyn Fn(usize, &str) + Sync),
    ) -> Self {
        Judge {
            corpus,
            left: Mutex::new(mutants),
            tried: Mutex::default(),
            print,
            caught: Mutex::new(0),
        }
    }

    pub(crate) fn left(&self) -> Vec<usize> {
        self.left.lock().expect("no panic").clone()
    }

    pub(crate) fn caught(&self) -> usize {
        *self.caught.lock().expect("no panic")
    }

    fn catch(&self, mutant: usize, by: &str) {
        let mut left = self.left.lock().expect("no panic");
        let before = left.len();
        left.retain(|other| *other != mutant);
        if left.len() < before {
            *self.caught.lock().expect("no panic") += 1;
            (self.print)(mutant, by);
        }
    }

    /// Runs the unit tests with each mutant that they reach.
    pub(crate) fn unit_tests(&self, program: &PathBuf) -> Result<(), Failure> {
        let file = self.corpus.work.join("asked");
        _ = fs::remove_file(&file);
        let run = || Command::new(program);
        let mut recorded = run();
        recorded.env("MUTANTS_ASKED", &file);
        if !finish(recorded, None)?.status.success() {
            return Err("the unit tests fail without a mutant".into());
        }
        let text = fs::read_to_string(&file)?;
        let asked: HashSet<usize> = text.lines().filter_map(|line| line.parse().ok()).collect();
        let mut mutants = self.left();
        mutants.retain(|mutant| asked.contains(mutant));
        println!("{} are reached by unit tests", mutants.len());
        in_parallel(&mutants, |_, mutant| {
            if !finish(run(), Some(*mutant))?.status.success() {
                self.catch(*mutant, "unit tests");
            }
            Ok(())
        })
    }

    /// Groups the mutants that change the tests of a `kind` in the same way, and returns each group with these tests.
    fn groups(&self, reach: &Reach, kind: impl Fn(Kind) -> bool) -> Vec<(Vec<Test>, Vec<usize>)> {
        let mut alike: BTreeMap<Vec<(Test, u64)>, Vec<usize>> = BTreeMap::new();
        for mutant in self.left() {
            let mut changed = reach.changed(mutant);
            changed.retain(|test, _| kind(test.kind));
            alike
                .entry(changed.into_iter().collect())
                .or_default()
                .push(mutant);
        }
        let size = |test: &Test| {
            let (file, _) = self.corpus.file(*test);
            fs::metadata(file).map_or(0, |file| file.len())
        };
        let groups = alike.into_iter().map(|(changed, mutants)| {
            let mut tests: Vec<Test> = changed.into_iter().map(|(test, _)| test).collect();
            tests.sort_by_cached_key(size);
            (tests, mutants)
        });
        groups.filter(|(tests, _)| !tests.is_empty()).collect()
    }

    /// Tries each remaining mutant in `rounds` rounds, each time in one compilation with many others.
    pub(crate) fn batches(
        &self,
        batches: &Batches<'_>,
        reach: &Reach,
        of_it: bool,
        rounds: usize,
    ) -> Result<(), Failure> {
        for round in 0..rounds {
            let mut pairs: BTreeMap<Kind, Vec<Pair>> = BTreeMap::new();
            let mut alike = HashMap::new();
            for (tests, mutants) in self.groups(reach, |kind| (kind == Kind::It) == of_it) {
                let first = mutants[0];
                let mut tried = self.tried.lock().expect("no panic");
                let new = |test: &&Test| batches.takes(**test) && !tried.contains(&(first, **test));
                // Many ui tests have similar errors, so the rounds alternate between the kinds of tests.
                let other = if round % 2 == 0 {
                    Kind::Ui
                } else {
                    Kind::Right
                };
                let chosen = tests.iter().filter(|test| test.kind != other).find(new);
                if let Some(test) = chosen.or_else(|| tests.iter().find(new)) {
                    tried.extend(mutants.iter().map(|mutant| (*mutant, *test)));
                    pairs.entry(test.kind).or_default().push((first, *test));
                    alike.insert(first, mutants);
                }
            }
            let size = if of_it { BATCH_OF_IT } else { BATCH };
            let chunks: Vec<&[Pair]> = pairs
                .values()
                .flat_map(|pairs| pairs.chunks(size))
                .collect();
            println!(
                "round {round}: {} compilations, {} left",
                chunks.len(),
                self.left().len()
            );
            if chunks.is_empty() {
                break;
            }
            in_parallel(&chunks, |worker, pairs| {
                match batches.caught(pairs, worker) {
                    Ok(caught) => {
                        for (mutant, test) in caught {
                            for mutant in &alike[&mutant] {
                                self.catch(*mutant, &self.corpus.name(test));
                            }
                        }
                    }
                    Err(error) => println!("a compilation of many fails: {error}"),
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Tries each remaining mutant with at most `most` of the tests that cannot be in one compilation with others.
    pub(crate) fn one_by_one(
        &self,
        batches: &Batches<'_>,
        reach: &Reach,
        most: usize,
    ) -> Result<(), Failure> {
        let groups = self.groups(reach, |kind| kind != Kind::It);
        in_parallel(&groups, |worker, (tests, mutants)| {
            for test in tests
                .iter()
                .filter(|test| !batches.takes(**test))
                .take(most)
            {
                if !self.corpus.passes(*test, mutants[0], worker)? {
                    for mutant in mutants {
                        self.catch(*mutant, &self.corpus.name(*test));
                    }
                    break;
                }
            }
            Ok(())
        })
    }
}

/// Runs two workers in parallel. `run` gets the number of the worker.
fn in_parallel<T: Sync>(
    all: &[T],
    run: impl Fn(usize, &T) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let next = Mutex::new(all.iter());
    let work = |worker: usize| {
        loop {
            let one = next.lock().expect("no panic").next();
            match one {
                Some(one) => run(worker, one)?,
                None => return Ok(()),
            }
        }
    };
    std::thread::scope(|scope| {
        let workers = [0, 1].map(|worker| scope.spawn(move || work(worker)));
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("no panic"))
    })
}
