//! The compiler, called by hand: many small crates against the libraries that cargo has built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;

pub(crate) struct Toolchain {
    /// Clippy's driver, which says all that the compiler says.
    driver: PathBuf,
    /// Where cargo put the libraries.
    libraries: PathBuf,
    work: PathBuf,
    externs: Vec<(&'static str, PathBuf)>,
}

pub(crate) struct Compilation<'a> {
    pub(crate) root: &'a Path,
    pub(crate) edition: &'a str,
    pub(crate) name: &'a str,
}

pub(crate) struct Done {
    pub(crate) success: bool,
    pub(crate) messages: Vec<Value>,
}

impl Done {
    /// The errors, as the compiler prints them.
    pub(crate) fn errors(&self) -> String {
        let errors = self
            .messages
            .iter()
            .filter(|message| message["level"] == "error");
        errors
            .filter_map(|message| message["rendered"].as_str())
            .collect()
    }
}

/// The crates that cases use, and a line that compiles where the right features are on.
const EXTERNS: [(&str, &str); 6] = [
    (
        "propagate_context",
        "pub use propagate_context::propagate_context;",
    ),
    (
        "tokio",
        "pub use tokio::{join, select, spawn, task::JoinSet};
        pub fn runtime() -> tokio::runtime::Builder { tokio::runtime::Builder::new_multi_thread() }",
    ),
    (
        "futures",
        "pub use futures::{FutureExt, StreamExt, executor::block_on};",
    ),
    ("async_trait", "pub use async_trait::async_trait;"),
    ("async_stream", "pub use async_stream::stream;"),
    ("rayon", "pub use rayon::{join, scope, spawn};"),
];

/// All that may be wrong with code, as far as a lint knows it.
pub(crate) const LINTS: [&str; 17] = [
    "clippy::all",
    "clippy::nursery",
    "clippy::pedantic",
    "clippy::shadow_same",
    "elided_lifetimes_in_paths",
    "explicit_outlives_requirements",
    "missing_debug_implementations",
    "missing_docs",
    "rust_2018_idioms",
    "single_use_lifetimes",
    "trivial_casts",
    "unnameable_types",
    "unreachable_pub",
    "unused",
    "unused_lifetimes",
    "unused_qualifications",
    "unused_results",
];

impl Toolchain {
    pub(crate) fn find(work: &Path) -> Self {
        let sysroot = Command::new("rustc")
            .args(["--print", "sysroot"])
            .output()
            .unwrap();
        let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).unwrap().trim());
        let mut toolchain = Toolchain {
            driver: sysroot.join("bin/clippy-driver"),
            libraries: std::env::current_exe()
                .unwrap()
                .parent()
                .unwrap()
                .to_owned(),
            work: work.to_owned(),
            externs: Vec::new(),
        };
        for (name, line) in EXTERNS {
            let found = toolchain.library(name, line);
            toolchain.externs.push((name, found));
        }
        toolchain
    }

    /// The library of this name that was built last, of those that have what is needed: other
    /// builds may have left some with other features.
    fn library(&self, name: &'static str, line: &str) -> PathBuf {
        let prefix = format!("lib{name}-");
        let mut found: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.libraries)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let file = path.file_name().unwrap().to_str().unwrap();
                let extension = path.extension().and_then(|extension| extension.to_str());
                file.starts_with(&prefix)
                    && matches!(extension, Some("rlib" | "so" | "dylib" | "dll"))
            })
            .map(|path| (fs::metadata(&path).unwrap().modified().unwrap(), path))
            .collect();
        found.sort();
        let root = self.work.join(format!("probe_{name}.rs"));
        fs::write(&root, line).unwrap();
        let fits = |path: &PathBuf| {
            let mut command = self.rustc("rustc", &root, "2021", "probe");
            command.args(["--crate-type", "lib", "--emit", "metadata"]);
            command
                .arg("--extern")
                .arg(format!("{name}={}", path.display()));
            command.output().unwrap().status.success()
        };
        let fitting = found.into_iter().rev().map(|(_, path)| path).find(fits);
        fitting.unwrap_or_else(|| panic!("cargo has not built `{name}` with what is needed"))
    }

    fn rustc(
        &self,
        program: impl AsRef<std::ffi::OsStr>,
        root: &Path,
        edition: &str,
        name: &str,
    ) -> Command {
        let mut command = Command::new(program);
        command
            .arg(root)
            .args(["--edition", edition, "--crate-name", name]);
        command.arg("--out-dir").arg(&self.work);
        command
            .arg("-L")
            .arg(format!("dependency={}", self.libraries.display()));
        for (name, path) in &self.externs {
            command
                .arg("--extern")
                .arg(format!("{name}={}", path.display()));
        }
        command
    }

    /// Type checks and lints a library.
    pub(crate) fn lint(&self, compilation: &Compilation<'_>) -> Done {
        let mut command = self.command(compilation, &self.driver);
        command.args(LINTS.iter().flat_map(|lint| ["-W", lint]));
        Self::messages(command)
    }

    /// Type checks a library.
    pub(crate) fn check(&self, compilation: &Compilation<'_>) -> Done {
        Self::messages(self.command(compilation, Path::new("rustc")))
    }

    fn command(&self, compilation: &Compilation<'_>, program: &Path) -> Command {
        let Compilation {
            root,
            edition,
            name,
        } = compilation;
        let mut command = self.rustc(program, root, edition, name);
        command.args([
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "--error-format",
            "json",
        ]);
        command
    }

    fn messages(mut command: Command) -> Done {
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        let messages: Vec<Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        Done {
            success: output.status.success(),
            messages,
        }
    }

    /// Builds and runs a program: what it prints, or what went wrong.
    pub(crate) fn run(&self, compilation: &Compilation<'_>) -> Result<String, String> {
        let Compilation {
            root,
            edition,
            name,
        } = compilation;
        let mut command = self.rustc("rustc", root, edition, name);
        command.args([
            "--crate-type",
            "bin",
            "--cap-lints",
            "allow",
            "-C",
            "debuginfo=0",
        ]);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let built = command.output().unwrap();
        if !built.status.success() {
            return Err(format!("{name} does not compile:\n{}", text(&built.stderr)));
        }
        let ran = Command::new(self.work.join(name)).output().unwrap();
        if !ran.status.success() {
            return Err(format!("{name} fails:\n{}", text(&ran.stderr)));
        }
        Ok(text(&ran.stdout))
    }
}
