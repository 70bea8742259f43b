//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

/// Finds the spawns that lose the context of a request, and adds the attributes.
#[derive(Debug, Parser)]
#[command(
    name = "cargo propagate-context",
    bin_name = "cargo propagate-context",
    version
)]
#[expect(clippy::struct_excessive_bools, reason = "flags")]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) selection: Selection,

    /// Also list the spawns that no request is known to reach
    #[arg(long)]
    pub(crate) all: bool,

    /// Exit with 1 if there are findings
    #[arg(long, conflicts_with = "fix")]
    pub(crate) check: bool,

    /// Annotate the functions that lose the context, and revert files that do not compile
    #[arg(long)]
    pub(crate) fix: bool,

    /// Let clippy resolve the names of spawners: finds aliases, and drops functions that only look like
    /// spawners. Compiles the workspace
    #[arg(long)]
    pub(crate) precise: bool,

    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,

    /// Fix even if files have uncommitted changes
    #[arg(long, requires = "fix")]
    pub(crate) allow_dirty: bool,

    /// Fix even if files have staged changes
    #[arg(long, requires = "fix")]
    pub(crate) allow_staged: bool,

    /// Fix even outside a repository
    #[arg(long, requires = "fix")]
    pub(crate) allow_no_vcs: bool,

    /// Print a `clippy.toml` that reports every spawner, and exit
    #[arg(long)]
    pub(crate) print_clippy_toml: bool,
}

/// What is read and reported.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// The `Cargo.toml` of the package or workspace
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,

    /// Packages of the workspace to report; all packages by default
    #[arg(long, short, value_name = "SPEC")]
    pub(crate) package: Vec<String>,

    /// Features for `--precise` and `--fix`, which compile the code
    #[arg(long, short = 'F', value_name = "FEATURES")]
    pub(crate) features: Vec<String>,

    /// All features for `--precise` and `--fix`
    #[arg(long)]
    pub(crate) all_features: bool,

    /// No default features for `--precise` and `--fix`
    #[arg(long)]
    pub(crate) no_default_features: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Like the output of rustc
    Text,
    /// A single JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations in a GitHub workflow
    Github,
}

impl Selection {
    /// Returns the arguments for a cargo command that compiles this selection.
    pub(crate) fn cargo_arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(path) = &self.manifest_path {
            arguments.extend(["--manifest-path".to_owned(), path.display().to_string()]);
        }
        if self.package.is_empty() {
            arguments.push("--workspace".to_owned());
        }
        for name in &self.package {
            arguments.extend(["--package".to_owned(), name.clone()]);
        }
        for features in &self.features {
            arguments.extend(["--features".to_owned(), features.clone()]);
        }
        let flags = [
            (self.all_features, "--all-features"),
            (self.no_default_features, "--no-default-features"),
        ];
        arguments.extend(
            flags
                .iter()
                .filter(|(set, _)| *set)
                .map(|(_, flag)| (*flag).to_owned()),
        );
        arguments
    }
}
