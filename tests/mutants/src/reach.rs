//! The mutants that each test reaches, and the time that the test takes.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::list::Numbers;
use crate::tree::{Program, Programs};

/// A test function of a test program.
pub(crate) struct Test {
    pub(crate) program: String,
    pub(crate) name: String,
    pub(crate) time: Duration,
    pub(crate) reaches: Numbers,
}

/// Runs every test in its own process, without a mutant. Tests that fail are excluded, since they detect no mutants.
pub(crate) fn map(programs: &Programs, scratch: &Path) -> Result<Vec<Test>, Failure> {
    let mut names = Vec::new();
    for (program, Program { path, folder }) in programs {
        let listed = Command::new(path)
            .args(["--list", "--format", "terse"])
            .current_dir(folder)
            .output()?;
        let listed = String::from_utf8(listed.stdout)?;
        let tests = listed
            .lines()
            .filter_map(|line| line.strip_suffix(": test"));
        names.extend(tests.map(|name| (program.clone(), name.to_owned())));
    }
    fs::create_dir_all(scratch)?;
    let next = AtomicUsize::new(0);
    let (tests, failed) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let worker = |worker: usize| {
        let file = scratch.join(format!("reach-{worker}"));
        while let Some((program, name)) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            _ = fs::remove_file(&file);
            let start = Instant::now();
            let Program { path, folder } = &programs[program];
            let passes = Command::new(path)
                .args(["--exact", name])
                .current_dir(folder)
                .env("MUTANT_REACH", &file)
                .env("MODEL_PROGRAMS", "300")
                .env("RUST_BACKTRACE", "0")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
            if !passes {
                failed
                    .lock()
                    .unwrap()
                    .push(format!("{program} --exact {name}"));
                continue;
            }
            let reached = fs::read_to_string(&file).unwrap_or_default();
            tests.lock().unwrap().push(Test {
                program: program.clone(),
                name: name.clone(),
                time: start.elapsed(),
                reaches: reached
                    .lines()
                    .filter_map(|line| line.parse().ok())
                    .collect::<HashSet<usize>>(),
            });
        }
    };
    thread::scope(|scope| {
        for number in 0..WORKERS {
            scope.spawn(move || worker(number));
        }
    });
    for failed in failed.into_inner().unwrap() {
        println!("fails without a mutant, and is left out: {failed}");
    }
    Ok(tests.into_inner().unwrap())
}

/// The number of programs that run in parallel.
pub(crate) const WORKERS: usize = 3;
