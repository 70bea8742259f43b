//! The files of a crate as modules.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;

/// One file of a crate.
#[derive(Clone, Debug)]
pub struct Module {
    /// The path from the root of the crate: `["context", "frame"]`.
    pub path: Vec<String>,
    /// The path from the folder of `lib.rs`, with `/`: `context/frame.rs`.
    pub file: String,
    pub(crate) tokens: TokenStream,
}

impl Module {
    /// Returns the module in `file`, with this text.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not contain Rust tokens.
    pub fn new(file: &str, text: &str) -> Result<Self, String> {
        let tokens = text.parse().map_err(|error| format!("{file}: {error}"))?;
        let mut path: Vec<String> = file
            .strip_suffix(".rs")
            .unwrap_or(file)
            .split('/')
            .map(str::to_owned)
            .collect();
        if path
            .last()
            .is_some_and(|last| last == "mod" || (last == "lib" && path.len() == 1))
        {
            path.pop();
        }
        Ok(Self {
            path,
            file: file.to_owned(),
            tokens,
        })
    }
}

/// Returns every file below `folder`, sorted by name, except those of `bin`, which are separate crates.
///
/// # Errors
///
/// Returns an error if a file cannot be read, or does not contain Rust tokens.
pub fn read_crate(folder: &Path) -> Result<Vec<Module>, String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    files
        .iter()
        .map(|file| {
            let text =
                fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let name = file.strip_prefix(folder).unwrap_or(file);
            Module::new(&name.to_string_lossy().replace('\\', "/"), &text)
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let broken = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "bin") {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
