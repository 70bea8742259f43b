//! Selects the packages and targets that are read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, TargetKind};

use crate::args::Selection;
use crate::config::Config;
use crate::index::{Index, read_files};
use crate::modules::Files;

/// The packages of the workspace, and packages outside it that they depend on by path. All are read, because
/// requests pass from one into another.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<Package>,
    /// How many packages are members of the workspace. They come first.
    pub(crate) members: usize,
    /// Whether findings are reported for each package.
    pub(crate) selected: Vec<bool>,
    pub(crate) configs: Vec<Config>,
}

impl Workspace {
    pub(crate) fn load(selection: &Selection) -> Result<Self> {
        let metadata = metadata(selection.manifest_path.as_deref())?;
        let mut packages: Vec<Package> =
            metadata.workspace_packages().into_iter().cloned().collect();
        let members = packages.len();
        add_dependencies(&mut packages, selection.manifest_path.as_deref());
        for spec in &selection.package {
            if !packages.iter().any(|package| is_meant(spec, package)) {
                bail!("no package `{spec}` in this workspace");
            }
        }
        let is_selected = |package: &Package| {
            selection.package.is_empty()
                || selection.package.iter().any(|spec| is_meant(spec, package))
        };
        let selected = packages.iter().map(is_selected).collect();
        let configs = packages.iter().map(|package| {
            Config::read(&package.metadata)
                .with_context(|| format!("in `{}`", package.manifest_path))
        });
        Ok(Workspace {
            root: metadata.workspace_root.into_std_path_buf(),
            configs: configs.collect::<Result<_>>()?,
            packages,
            members,
            selected,
        })
    }

    /// Returns the names of the libraries that the package renames in its manifest.
    fn renamed(&self, package: &Package) -> HashMap<String, String> {
        let renamed = package.dependencies.iter().filter_map(|dependency| {
            let name = dependency.rename.as_ref()?.replace('-', "_");
            let of = self
                .packages
                .iter()
                .find(|package| *package.name == dependency.name)?;
            Some((name, library(of)))
        });
        renamed.collect()
    }

    /// Reads the sources of libraries and binaries. Also returns the errors for what cannot be read.
    pub(crate) fn read(&self) -> (Index, Vec<String>) {
        let mut index = Index::default();
        let mut unread = Vec::new();
        for (number, package) in self.packages.iter().enumerate() {
            let mut files = Files::default();
            for target in &package.targets {
                let is_wanted = |kind: &TargetKind| {
                    !matches!(
                        kind,
                        TargetKind::Example
                            | TargetKind::Test
                            | TargetKind::Bench
                            | TargetKind::CustomBuild
                    )
                };
                if target.kind.iter().all(is_wanted) {
                    files.add_target(target.src_path.as_std_path(), &self.root);
                }
            }
            unread.append(&mut files.unread);
            index.crate_names.push(library(package));
            index.renamed.push(self.renamed(package));
            read_files(&mut index, files, number, &self.configs[number]);
        }
        (index, unread)
    }

    /// Returns the package's name for `propagate-context`, if it depends on the crate other than for its tests.
    pub(crate) fn dependency(&self, package: usize) -> Option<String> {
        let found = self.packages[package]
            .dependencies
            .iter()
            .find(|dependency| {
                dependency.name == "propagate-context"
                    && dependency.kind == DependencyKind::Normal
                    && dependency.target.is_none()
            });
        found.map(|dependency| {
            dependency
                .rename
                .clone()
                .unwrap_or_else(|| dependency.name.clone())
                .replace('-', "_")
        })
    }

    /// Returns the folder of a package.
    pub(crate) fn folder(&self, package: usize) -> &Path {
        let manifest = self.packages[package].manifest_path.as_std_path();
        manifest.parent().unwrap_or(manifest)
    }
}

fn metadata(manifest: Option<&Path>) -> Result<Metadata> {
    run(MetadataCommand::new().no_deps(), manifest)
}

/// Returns all packages that cargo resolves. This takes longer, and may access the network.
fn all_packages(manifest: Option<&Path>) -> Vec<Package> {
    let resolved = run(&mut MetadataCommand::new(), manifest);
    resolved
        .map(|metadata| metadata.packages)
        .unwrap_or_default()
}

fn run(command: &mut MetadataCommand, manifest: Option<&Path>) -> Result<Metadata> {
    if let Some(path) = manifest {
        command.manifest_path(path);
    }
    command.exec().context("`cargo metadata` failed")
}

/// Adds the packages that `packages` depend on by path, recursively. Packages that cannot be read are reported
/// by cargo itself.
fn add_dependencies(packages: &mut Vec<Package>, root: Option<&Path>) {
    let mut resolved = None;
    let mut next = 0;
    while let Some(package) = packages.get(next) {
        next += 1;
        let paths = package.dependencies.iter();
        let paths: Vec<_> = paths
            .filter(|dependency| {
                // The sources of this crate are not read.
                dependency.kind == DependencyKind::Normal && dependency.name != "propagate-context"
            })
            .filter_map(|dependency| dependency.path.clone())
            .collect();
        for path in paths {
            let manifest = path.join("Cargo.toml");
            let is_same = |package: &&Package| {
                same_file(package.manifest_path.as_std_path(), manifest.as_std_path())
            };
            if packages.iter().any(|package| is_same(&package)) {
                continue;
            }
            let found = if let Ok(metadata) = metadata(Some(manifest.as_std_path())) {
                metadata.packages.iter().find(is_same).cloned()
            } else {
                // The workspace in a parent folder does not list this package, so cargo only accepts it as a
                // dependency.
                let resolved = resolved.get_or_insert_with(|| all_packages(root));
                resolved.iter().find(is_same).cloned()
            };
            packages.extend(found);
        }
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    a.canonicalize()
        .ok()
        .is_some_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Whether `name` or `name@version` is this package.
fn is_meant(spec: &str, package: &Package) -> bool {
    match spec.split_once('@') {
        Some((name, version)) => {
            *package.name == *name && package.version.to_string().starts_with(version)
        }
        None => *package.name == *spec,
    }
}

/// Returns the name of a package's library in code.
fn library(package: &Package) -> String {
    let is_library = |target: &&cargo_metadata::Target| target.kind.contains(&TargetKind::Lib);
    let named = package.targets.iter().find(is_library);
    named
        .map_or(&*package.name, |target| &target.name)
        .replace('-', "_")
}
