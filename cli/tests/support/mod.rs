//! Packages to run the finder on, and how to run it.
#![allow(dead_code, reason = "each test uses some")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with a package, for a single test.
pub(crate) struct Package {
    pub(crate) folder: PathBuf,
    /// Whether clippy and `cargo check` may reuse what other tests compiled.
    target: PathBuf,
}

impl Package {
    /// A copy of `tests/fixture`.
    pub(crate) fn fixture(test: &str) -> Self {
        let package = Package::empty(test);
        copy(&manifest_folder().join("tests/fixture"), &package.folder);
        let manifest = package.read("Cargo.toml");
        package.write(
            "Cargo.toml",
            &manifest.replace("../../../runtime", &runtime()),
        );
        package
    }

    /// Returns a package with one file, and `propagate-context` as its only dependency.
    pub(crate) fn small(test: &str, metadata: &str, source: &str) -> Self {
        let package = Package::empty(test);
        let runtime = runtime();
        package.write(
            "Cargo.toml",
            &format!(
                // The name is unique: cargo confuses packages of the same name that share a target folder, even
                // if each is its own workspace.
                "[package]\nname = \"{test}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [dependencies]\npropagate-context = {{ path = \"{runtime}\" }}\n\n\
                 [package.metadata.propagate-context]\n{metadata}\n"
            ),
        );
        package.write("src/lib.rs", source);
        package
    }

    fn empty(test: &str) -> Self {
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = tmp.join(test);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Package {
            folder,
            target: tmp.join("target"),
        }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap()
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("NO_COLOR", "1")
            .env_remove("GITHUB_WORKSPACE")
            .env_remove("RUSTFLAGS");
        command
    }

    /// Runs the finder.
    pub(crate) fn find(&self, args: &[&str]) -> Output {
        let finder = env!("CARGO_BIN_EXE_cargo-propagate-context");
        self.command(finder)
            .arg("propagate-context")
            .args(args)
            .output()
            .unwrap()
    }

    /// Returns the output of the finder, which must succeed.
    pub(crate) fn found(&self, args: &[&str]) -> String {
        let output = self.find(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{args:?} ended with {}: {stderr}",
            output.status
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Returns the findings, as `file:line class`.
    pub(crate) fn classes(&self, args: &[&str]) -> Vec<String> {
        let json = self.found(&[args, &["--format", "json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&json).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| {
                let text = |key: &str| finding[key].as_str().unwrap().to_owned();
                format!("{}:{} {}", text("file"), finding["line"], text("class"))
            })
            .collect()
    }

    pub(crate) fn git(&self, args: &[&str]) {
        let output = self.command("git").args(args).output().unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Commits all files.
    pub(crate) fn commit(&self) {
        self.git(&["init", "--quiet"]);
        self.git(&["add", "--all"]);
        let author = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
        self.git(&[&author[..], &["commit", "--quiet", "--message", "all"]].concat());
    }
}

pub(crate) fn manifest_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn runtime() -> String {
    let path = manifest_folder().join("../runtime").canonicalize().unwrap();
    path.display().to_string().replace('\\', "/")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_name() == "target" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
