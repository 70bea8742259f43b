//! The files of a crate as modules.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;

/// One file of a crate.
#[derive(Clone, Debug)]
pub struct Module {
    /// From the crate's root: `["context", "frame"]`.
    pub path: Vec<String>,
    /// From the folder of `lib.rs`, with `/`: `context/frame.rs`.
    pub file: String,
    pub(crate) tokens: TokenStream,
}

impl Module {
    /// The module that `file` holds, with this text.
    ///
    /// # Errors
    ///
    /// Where the text holds no Rust tokens.
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

/// Every file below `folder`, sorted by name; not those of `bin`, which are crates of their own.
///
/// # Errors
///
/// Where one cannot be read, or holds no Rust tokens.
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
