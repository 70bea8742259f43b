//! Runs the tests that reach a mutant, the fastest first.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::reach::Test;
use crate::tree::{Program, Programs};

pub(crate) enum Verdict {
    Caught(String),
    /// A test does not end: an infinite loop, or a wait for an event that never occurs.
    Hangs(String),
    Survives,
    /// No test reaches the mutant.
    Unreached,
}

impl Verdict {
    pub(crate) fn is_caught(&self) -> bool {
        matches!(self, Self::Caught(_) | Self::Hangs(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caught(by) => write!(f, "caught by {by}"),
            Self::Hangs(program) => write!(f, "hangs in {program}"),
            Self::Survives => f.write_str("SURVIVES"),
            Self::Unreached => f.write_str("SURVIVES unreached"),
        }
    }
}

pub(crate) struct Judge<'t> {
    pub(crate) tests: &'t [Test],
    pub(crate) programs: &'t Programs,
    /// The tests that have caught a mutant, by the mutant's file. They are run first for the next mutant of this file.
    pub(crate) caught: Mutex<BTreeMap<String, Vec<usize>>>,
}

/// The maximum number of tests that are run first because they have caught another mutant of the same file.
const RECENT: usize = 12;

impl Judge<'_> {
    pub(crate) fn judge(&self, number: usize, file: &str) -> Result<Verdict, Failure> {
        let reaching = |test: &usize| self.tests[*test].reaches.contains(&number);
        let mut left: Vec<usize> = (0..self.tests.len()).filter(reaching).collect();
        if left.is_empty() {
            return Ok(Verdict::Unreached);
        }
        left.sort_by_key(|&test| self.tests[test].time);
        let recent = self.caught.lock().unwrap().get(file).cloned();
        let mut round: Vec<usize> = recent.into_iter().flatten().filter(reaching).collect();
        round.truncate(RECENT);
        left.retain(|test| !round.contains(test));
        let mut size = 8;
        loop {
            if let Some(verdict) = self.round(number, file, &round)? {
                return Ok(verdict);
            }
            if left.is_empty() {
                return Ok(Verdict::Survives);
            }
            round = left.drain(..size.min(left.len())).collect();
            size *= 5;
        }
    }

    /// Runs some of the tests, with one run of each program.
    fn round(
        &self,
        number: usize,
        file: &str,
        tests: &[usize],
    ) -> Result<Option<Verdict>, Failure> {
        let mut by_program: BTreeMap<&str, Vec<&Test>> = BTreeMap::new();
        for test in tests.iter().map(|&test| &self.tests[test]) {
            by_program.entry(&test.program).or_default().push(test);
        }
        for (program, tests) in by_program {
            let verdict = self.run(number, program, &tests)?;
            if let Some(Verdict::Caught(by)) = &verdict {
                self.remember(file, program, by);
            }
            if verdict.is_some() {
                return Ok(verdict);
            }
        }
        Ok(None)
    }

    fn remember(&self, file: &str, program: &str, by: &str) {
        let by = self
            .tests
            .iter()
            .position(|test| test.program == program && test.name == by);
        let mut caught = self.caught.lock().unwrap();
        let caught = caught.entry(file.to_owned()).or_default();
        if let Some(by) = by {
            caught.retain(|&test| test != by);
            caught.insert(0, by);
        }
    }

    fn run(
        &self,
        number: usize,
        program: &str,
        tests: &[&Test],
    ) -> Result<Option<Verdict>, Failure> {
        let time: Duration = tests.iter().map(|test| test.time).sum();
        let Program { path, folder } = &self.programs[program];
        // Limits the memory, since a mutant may allocate in an infinite loop.
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -v 8388608; exec \"$0\" \"$@\""])
            .arg(path)
            .args(["--test-threads", "2", "--exact"])
            .args(tests.iter().map(|test| &test.name))
            .current_dir(folder)
            .env("MUTANT", number.to_string())
            .env("MODEL_PROGRAMS", "3000")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let end = Instant::now() + LONGEST + 10 * time;
        let verdict = match failed(lines(&mut child), end) {
            End::Failed(test) => Some(Verdict::Caught(test)),
            End::TimedOut => Some(Verdict::Hangs(program.to_owned())),
            End::Closed if child.wait()?.success() => None,
            // The program ended without naming a test, for example by an abort.
            End::Closed => Some(Verdict::Caught(program.to_owned())),
        };
        _ = child.kill();
        child.wait()?;
        Ok(verdict)
    }
}

/// The time limit, in addition to ten times the time that the tests take without a mutant.
const LONGEST: Duration = Duration::from_secs(30);

enum End {
    Failed(String),
    TimedOut,
    Closed,
}

fn lines(child: &mut Child) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    let output = child.stdout.take();
    thread::spawn(move || {
        for line in BufReader::new(output?).split(b'\n') {
            let line = String::from_utf8_lossy(&line.ok()?).into_owned();
            send.send(line).ok()?;
        }
        Some(())
    });
    lines
}

/// Waits for the first test that is reported as failed.
fn failed(lines: Receiver<String>, end: Instant) -> End {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) => {
                let test = line.strip_prefix("test ");
                if let Some(test) = test.and_then(|test| test.strip_suffix(" ... FAILED")) {
                    return End::Failed(test.trim_end_matches(" - should panic").to_owned());
                }
            }
            Err(RecvTimeoutError::Timeout) => return End::TimedOut,
            Err(RecvTimeoutError::Disconnected) => return End::Closed,
        }
    }
}
