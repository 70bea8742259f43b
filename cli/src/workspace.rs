//! Which packages and targets are looked at.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};

use crate::args::Selection;
use crate::config::Config;
use crate::index::{Index, read_files};
use crate::modules::Files;

/// The packages of the workspace: all are read, since requests get from one into another.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<Package>,
    /// Which of them findings are reported of.
    pub(crate) selected: Vec<bool>,
    pub(crate) configs: Vec<Config>,
}

impl Workspace {
    pub(crate) fn load(selection: &Selection) -> Result<Self> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(path) = &selection.manifest_path {
            command.manifest_path(path);
        }
        let metadata: Metadata = command.exec().context("`cargo metadata` failed")?;
        let members: Vec<Package> = metadata.workspace_packages().into_iter().cloned().collect();
        for name in &selection.package {
            if !members.iter().any(|package| *package.name == *name) {
                bail!("no package `{name}` in this workspace");
            }
        }
        let is_selected = |package: &Package| {
            selection.package.is_empty()
                || selection.package.iter().any(|name| **name == *package.name)
        };
        let selected = members.iter().map(is_selected).collect();
        let packages = members;
        let configs = packages.iter().map(|package| {
            Config::read(&package.metadata)
                .with_context(|| format!("in `{}`", package.manifest_path))
        });
        Ok(Workspace {
            root: metadata.workspace_root.into_std_path_buf(),
            configs: configs.collect::<Result<_>>()?,
            packages,
            selected,
        })
    }

    /// Reads the sources of libraries and binaries. What cannot be read is returned beside.
    pub(crate) fn read(&self) -> (Index, Vec<String>) {
        let mut index = Index::default();
        let mut unread = Vec::new();
        for (number, package) in self.packages.iter().enumerate() {
            let mut files = Files::default();
            let mut library = package.name.replace('-', "_");
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
                if target.kind.contains(&TargetKind::Lib) {
                    library.clone_from(&target.name);
                }
            }
            unread.append(&mut files.unread);
            index.crate_names.push(library);
            read_files(&mut index, files, number, &self.configs[number]);
        }
        (index, unread)
    }

    /// What a package calls `propagate-context`, if it depends on it.
    pub(crate) fn dependency(&self, package: usize) -> Option<String> {
        let found = self.packages[package]
            .dependencies
            .iter()
            .find(|dependency| dependency.name == "propagate-context");
        found.map(|dependency| {
            dependency
                .rename
                .clone()
                .unwrap_or_else(|| dependency.name.clone())
                .replace('-', "_")
        })
    }

    /// The folder of a package.
    pub(crate) fn folder(&self, package: usize) -> &Path {
        let manifest = self.packages[package].manifest_path.as_std_path();
        manifest.parent().unwrap_or(manifest)
    }
}
