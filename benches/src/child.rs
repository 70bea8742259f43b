//! Measurements in separate processes: what one case registers, or leaves on the heap, does not affect the next one.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// The argument before the name of a case that is run under callgrind.
pub(crate) const COUNTED: &str = "--counted-case";
/// Before an operation whose subjects are timed in turn.
pub(crate) const TIMED: &str = "--timed-operation";
/// Before a case whose allocations are printed.
pub(crate) const ALLOCATIONS: &str = "--allocations-of-case";

/// The program that counts and times. It does not use the counting allocator, whose instructions would be included.
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

/// The output of `program`.
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
