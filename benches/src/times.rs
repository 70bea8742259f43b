//! Times of all subjects of one operation, in one process: short chunks in turn, in many rounds, so that other work on the
//! machine affects all of them, and their ratios are reproducible although the times are not.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

use crate::{Case, Run, cases, child, floor, threads};

/// The number of rounds.
const ROUNDS: usize = 200;

/// When to stop on a busy machine, but not before a tenth of the rounds.
const ENOUGH: Duration = Duration::from_secs(4);

/// How long a turn is, at most.
const CHUNK: Duration = Duration::from_micros(100);

/// The nanoseconds of one operation, round by round, of each subject.
pub struct Times(BTreeMap<String, Vec<f64>>);

impl Times {
    /// Measures `operation` in a separate process.
    ///
    /// # Errors
    ///
    /// If the program `counts` is missing or fails.
    pub fn take(operation: &str) -> io::Result<Self> {
        let printed = child::output(&child::counts_program()?, child::TIMED, operation)?;
        let samples = printed.lines().filter_map(|line| {
            let (subject, samples) = line.split_once('\t')?;
            let samples = samples.split(' ').filter_map(|sample| sample.parse().ok());
            Some((subject.to_owned(), samples.collect()))
        });
        Ok(Self(samples.collect()))
    }

    /// The best round: other work on the machine can only make an operation slower.
    #[must_use]
    pub fn best(&self, subject: &str) -> Option<f64> {
        self.0.get(subject)?.iter().copied().min_by(f64::total_cmp)
    }

    /// How many times as long `subject` takes as `base`: the median over the rounds, in each of which they run within a
    /// few milliseconds of each other.
    #[must_use]
    pub fn ratio(&self, subject: &str, base: &str) -> Option<f64> {
        let mut ratios: Vec<f64> = self
            .0
            .get(subject)?
            .iter()
            .zip(self.0.get(base)?)
            .map(|(subject, base)| subject / base)
            .collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied()
    }
}

/// In the child: a line for each subject, and for the floor.
pub(crate) fn run(operation: &str) -> String {
    let all = cases();
    let base = floor::of(&all, operation);
    let mut subjects: Vec<Subject<'_>> = all
        .iter()
        .filter(|case| case.operation == operation || base.is_some_and(|base| base.is(case)))
        .map(Subject::new)
        .collect();
    let start = Instant::now();
    for round in 0..ROUNDS {
        if round > ROUNDS / 10 && start.elapsed() > ENOUGH {
            break;
        }
        // Each round begins with another subject, so that none always runs after the same one.
        for at in 0..subjects.len() {
            let at = (at + round) % subjects.len();
            subjects[at].run_chunk();
        }
    }
    subjects.iter().fold(String::new(), |mut text, subject| {
        let samples: Vec<String> = subject
            .samples
            .iter()
            .map(|ns| format!("{ns:.3}"))
            .collect();
        let _ = writeln!(text, "{}\t{}", subject.case.subject, samples.join(" "));
        text
    })
}

struct Subject<'a> {
    case: &'a Case,
    run: Run,
    /// How often the operation fits in a chunk.
    times: u32,
    samples: Vec<f64>,
}

impl<'a> Subject<'a> {
    fn new(case: &'a Case) -> Self {
        let mut run = case.prepare();
        run(1);
        let mut times = 1_u32;
        // The best of three: a single one may have been interrupted.
        let takes =
            |run: &mut Run, times| (0..3).map(|_| time(run, times)).min().unwrap_or_default();
        while times < 1 << 28 && takes(&mut run, times) * 2 < CHUNK {
            times *= 2;
        }
        Self {
            case,
            run,
            times,
            samples: Vec::with_capacity(ROUNDS),
        }
    }

    fn run_chunk(&mut self) {
        let nanoseconds = time(&mut self.run, self.times).as_secs_f64() * 1e9;
        self.samples.push(nanoseconds / f64::from(self.times));
    }
}

fn time(run: &mut Run, times: u32) -> Duration {
    let start = Instant::now();
    run(times);
    let elapsed = start.elapsed();
    threads::measured().unwrap_or(elapsed)
}
