//! Which files a target is made of: follows `mod name;` from its root, as the compiler does.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, Item, Lit, Meta};

use crate::source::Source;

/// A file, and where it is in the tree of modules.
pub(crate) struct File {
    pub(crate) source: Source,
    pub(crate) syntax: syn::File,
    /// Names of the modules around, from the root of the crate.
    pub(crate) module: Vec<String>,
    /// Whether it is compiled for tests alone.
    pub(crate) for_tests: bool,
}

/// The files of some targets, each once.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) read: Vec<File>,
    seen: HashSet<PathBuf>,
    /// Files that could not be read, and why.
    pub(crate) unread: Vec<String>,
}

/// Where the submodules of a file, or of a module in it, are.
struct Place {
    folder: PathBuf,
    /// The folder of the file, where a `#[path]` starts.
    file_folder: PathBuf,
    module: Vec<String>,
    for_tests: bool,
}

impl Files {
    /// Adds the files that the target with this root is made of. `workspace`: what paths are shown from.
    pub(crate) fn add_target(&mut self, root: &Path, workspace: &Path) {
        let folder = root.parent().unwrap_or(root).to_owned();
        let place = Place {
            file_folder: folder.clone(),
            folder,
            module: Vec::new(),
            for_tests: false,
        };
        self.add(root, workspace, place);
    }

    fn add(&mut self, path: &Path, workspace: &Path, place: Place) {
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(canonical) {
            return;
        }
        let read = || -> Result<_> {
            let source = Source::read(path, workspace)?;
            let syntax = source.parse()?;
            Ok((source, syntax))
        };
        match read() {
            Ok((source, syntax)) => {
                let found = submodules(&syntax.items, &place);
                self.read.push(File {
                    source,
                    syntax,
                    module: place.module,
                    for_tests: place.for_tests,
                });
                for (path, place) in found {
                    self.add(&path, workspace, place);
                }
            }
            Err(error) => self.unread.push(format!("{error:#}")),
        }
    }
}

fn submodules(items: &[Item], place: &Place) -> Vec<(PathBuf, Place)> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Mod(item) => {
                let name = unraw(&item.ident);
                let path = path_attribute(&item.attrs);
                let for_tests = place.for_tests || is_for_tests(&item.attrs);
                match &item.content {
                    Some((_, items)) => {
                        let folder = match path {
                            Some(path) => place.file_folder.join(path),
                            None => place.folder.join(&name),
                        };
                        found.extend(submodules(items, &place.inside(&name, folder, for_tests)));
                    }
                    None => found.extend(file_of(&name, path, place, for_tests)),
                }
            }
            // `cfg_if! { .. mod name; .. }`
            Item::Macro(item) if !item.mac.path.is_ident("macro_rules") => {
                let mut names = Vec::new();
                declared_in(item.mac.tokens.clone(), &mut names);
                let files = names
                    .iter()
                    .filter_map(|name| file_of(name, None, place, place.for_tests));
                found.extend(files);
            }
            _ => {}
        }
    }
    found
}

impl Place {
    fn inside(&self, name: &str, folder: PathBuf, for_tests: bool) -> Place {
        let mut module = self.module.clone();
        module.push(name.to_owned());
        Place {
            file_folder: folder.clone(),
            folder,
            module,
            for_tests,
        }
    }
}

fn file_of(
    name: &str,
    path: Option<String>,
    place: &Place,
    for_tests: bool,
) -> Option<(PathBuf, Place)> {
    if let Some(path) = path {
        let file = place.file_folder.join(path);
        let folder = file.parent()?.to_owned();
        return Some((file, place.inside(name, folder, for_tests)));
    }
    let flat = place.folder.join(format!("{name}.rs"));
    let nested = place.folder.join(name).join("mod.rs");
    let file = if flat.is_file() { flat } else { nested };
    let mut inside = place.inside(name, place.folder.join(name), for_tests);
    file.parent()?.clone_into(&mut inside.file_folder);
    file.is_file().then_some((file, inside))
}

/// The names in `mod name;`, at any depth.
fn declared_in(tokens: TokenStream, names: &mut Vec<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => declared_in(group.stream(), names),
            TokenTree::Ident(word) if word == "mod" => {
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(end))) =
                    (trees.get(at + 1), trees.get(at + 2))
                {
                    if end.as_char() == ';' {
                        names.push(unraw(name));
                    }
                }
            }
            _ => {}
        }
    }
}

fn unraw(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

fn path_attribute(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Str(path) => Some(path.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Whether an item is compiled for tests alone: `#[cfg(test)]`, `#[test]`, `#[tokio::test]` and the like.
pub(crate) fn is_for_tests(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let path = attr.path();
        if path.is_ident("cfg") {
            let condition = attr.meta.to_token_stream().to_string().replace(' ', "");
            return condition.contains("(test") && !condition.contains("not(test");
        }
        let last = path.segments.last().map(|last| last.ident.to_string());
        matches!(
            last.as_deref(),
            Some("test" | "bench" | "rstest" | "test_case" | "quickcheck")
        )
    })
}
