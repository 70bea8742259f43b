//! Measurements in processes of their own: what one case registers in its process, or leaves on the heap, is not there
//! for the next one.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::{Case, callgrind, cases, memory, times};

/// The argument before the name of a case that is run under callgrind.
pub(crate) const COUNTED: &str = "--counted-case";
/// Before an operation whose subjects are timed in turn.
pub(crate) const TIMED: &str = "--timed-operation";
/// Before a case whose allocations are printed.
pub(crate) const ALLOCATIONS: &str = "--allocations-of-case";

/// To be called first in `main` of each program that measures: does the part for which the parent has started it.
///
/// Returns whether there was one; then there is nothing else to do.
///
/// # Panics
///
/// If there is no such case.
#[must_use]
pub fn did_its_part() -> bool {
    let mut arguments = env::args().skip(1);
    let Some((part, name)) = arguments.next().zip(arguments.next()) else {
        return false;
    };
    let case = || -> Case {
        let case = cases().into_iter().find(|case| case.name() == name);
        case.unwrap_or_else(|| {
            panic!("no case `{name}`: is `counts` built with the same features?")
        })
    };
    match &*part {
        COUNTED => callgrind::run(&case()),
        TIMED => print!("{}", times::run(&name)),
        ALLOCATIONS => println!("{}", memory::run(&case())),
        _ => return false,
    }
    true
}

/// The program that counts and times. It has no counting allocator, whose own instructions would be part of the numbers.
pub(crate) fn counts_program() -> io::Result<PathBuf> {
    let path = env::current_exe()?.with_file_name("counts");
    if fs::exists(&path)? {
        return Ok(path);
    }
    let path = path.display();
    Err(io::Error::other(format!(
        "`{path}` is missing: build it with `cargo build --release --bin counts`"
    )))
}

/// What `program` prints.
pub(crate) fn output(program: &Path, part: &str, name: &str) -> io::Result<String> {
    let output = Command::new(program)
        .args([part, name])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("`{part} {name}` failed")));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}
