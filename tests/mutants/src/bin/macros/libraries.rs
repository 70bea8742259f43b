//! Direct calls of the compiler with the libraries that cargo has built for the tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

pub(crate) struct Libraries {
    /// The arguments `--extern` and `-L` that cargo passes for the tests.
    args: Vec<String>,
    clippy: PathBuf,
}

impl Libraries {
    /// Builds the test package and its dependencies, without its largest program.
    pub(crate) fn build(root: &Path, target: &Path) -> Result<Self, Failure> {
        let output = Command::new("cargo")
            .args(["test", "--no-run", "--verbose", "--package"])
            .args(["propagate-context-tests", "--test", "parity"])
            .current_dir(root)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .env("CARGO_TERM_COLOR", "never")
            .stdout(Stdio::null())
            .output()?;
        let log = String::from_utf8(output.stderr)?;
        if !output.status.success() {
            return Err(log.into());
        }
        let command = log
            .lines()
            .find(|line| line.contains("--crate-name parity "))
            .ok_or("cargo does not say how it compiles `parity`")?;
        let words: Vec<&str> = command.trim_end_matches('`').split_whitespace().collect();
        let args = words
            .windows(2)
            .filter(|pair| ["--extern", "-L"].contains(&pair[0]));
        let args = args
            .flatten()
            .map(|word| word.trim_matches('\'').to_owned())
            .collect();
        let sysroot = Command::new("rustc")
            .args(["--print", "sysroot"])
            .output()?;
        let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim());
        Ok(Libraries {
            args,
            clippy: sysroot.join("bin/clippy-driver"),
        })
    }

    pub(crate) fn rustc(&self) -> Command {
        self.command("rustc")
    }

    /// The compiler for a library with this root, which is checked and not linked.
    pub(crate) fn rustc_check(&self, root: &Path) -> Command {
        let mut command = self.rustc();
        command.arg(root).args(["--crate-type", "lib"]);
        command.args(["--emit", "metadata", "--edition", "2024"]);
        command
    }

    pub(crate) fn clippy(&self) -> Command {
        self.command(&self.clippy)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.args(&self.args).env_remove("MUTANT");
        command
    }
}
