//! Finds the files of a target: follows `mod name;` from its root, as the compiler does.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use proc_macro2::{TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Item, Lit, Meta, Token};

use crate::source::{Position, Source, range, unraw};

/// A file, and its place in the module tree.
pub(crate) struct File {
    pub(crate) source: Source,
    pub(crate) syntax: syn::File,
    /// The names of the enclosing modules, from the root of the crate.
    pub(crate) module: Vec<String>,
    /// Whether it is only compiled for tests.
    pub(crate) for_tests: bool,
}

/// The files of some targets, without duplicates.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) read: Vec<File>,
    seen: HashSet<PathBuf>,
    /// Files that could not be read, and why.
    pub(crate) unread: Vec<String>,
}

/// Where to look for the submodules of a file, or of a module in it.
struct Place {
    folder: PathBuf,
    /// The folder of the file, to which a `#[path]` is relative.
    file_folder: PathBuf,
    module: Vec<String>,
    for_tests: bool,
}

impl Files {
    /// Adds the files of the target with this root. Paths are shown relative to `workspace`.
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
            Ok((source, (syntax, mut unread))) => {
                self.unread.append(&mut unread);
                let found = submodules(&syntax.items, &place, &source, &mut self.unread);
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

/// Returns the files that the items of `file` refer to, and adds missing ones to `missing`.
fn submodules(
    items: &[Item],
    place: &Place,
    file: &Source,
    missing: &mut Vec<String>,
) -> Vec<(PathBuf, Place)> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Mod(item) => {
                let name = unraw(&item.ident);
                let paths = path_attributes(item.attrs.iter().map(|attr| &attr.meta));
                let is_for_tests = place.for_tests || is_for_tests(&item.attrs);
                if let Some((_, items)) = &item.content {
                    let folder = match paths.first() {
                        Some(path) => place.file_folder.join(path),
                        None => place.folder.join(&name),
                    };
                    let inside = place.inside(&name, folder, is_for_tests);
                    found.extend(submodules(items, &inside, file, missing));
                    continue;
                }
                let before = found.len();
                let named = paths.iter().map(|path| place.file_folder.join(path));
                found.extend(named.filter_map(|path| {
                    let folder = path.parent()?.to_owned();
                    path.is_file()
                        .then_some((path, place.inside(&name, folder, is_for_tests)))
                }));
                // With `cfg_attr`, the module may also be in the usual file.
                if !item.attrs.iter().any(|attr| attr.path().is_ident("path")) {
                    found.extend(file_of(&name, place, is_for_tests));
                }
                if found.len() == before && !item.attrs.iter().any(is_conditional) {
                    let Position { line, column } = file.position(range(item.ident.span()).start);
                    let shown = &file.shown;
                    missing.push(format!(
                        "{shown}:{line}:{column}: no file for module `{name}`"
                    ));
                }
            }
            // `include!("file.rs");`
            Item::Macro(item) if item.mac.path.is_ident("include") => {
                let name = item.mac.parse_body::<Expr>();
                if let Some(name) = name.ok().as_ref().and_then(text) {
                    let included = file.path.with_file_name(name);
                    let folder = included.parent().unwrap_or(&included).to_owned();
                    let place = Place {
                        file_folder: folder.clone(),
                        folder,
                        module: place.module.clone(),
                        for_tests: place.for_tests,
                    };
                    found.push((included, place));
                }
            }
            // `cfg_if! { .. mod name; .. }`
            Item::Macro(item) if !item.mac.path.is_ident("macro_rules") => {
                let mut names = Vec::new();
                declared_in(item.mac.tokens.clone(), &mut names);
                let files = names
                    .iter()
                    .filter_map(|name| file_of(name, place, place.for_tests));
                found.extend(files);
            }
            _ => {}
        }
    }
    found
}

fn is_conditional(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
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

/// Returns the file of `mod name;` without a `#[path]`.
fn file_of(name: &str, place: &Place, for_tests: bool) -> Option<(PathBuf, Place)> {
    let flat = place.folder.join(format!("{name}.rs"));
    let nested = place.folder.join(name).join("mod.rs");
    let file = if flat.is_file() { flat } else { nested };
    let mut inside = place.inside(name, place.folder.join(name), for_tests);
    file.parent()?.clone_into(&mut inside.file_folder);
    file.is_file().then_some((file, inside))
}

/// Collects the names in `mod name;`, at any depth.
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

/// Returns the files that `#[path = ".."]` and `#[cfg_attr(.., path = "..")]` refer to.
fn path_attributes<'a>(metas: impl IntoIterator<Item = &'a Meta>) -> Vec<String> {
    let mut paths = Vec::new();
    for meta in metas {
        match meta {
            Meta::NameValue(meta) if meta.path.is_ident("path") => paths.extend(text(&meta.value)),
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
                paths.extend(path_attributes(metas.iter().flatten().skip(1)));
            }
            _ => {}
        }
    }
    paths
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// Whether an item is only compiled for tests: `#[cfg(test)]`, `#[test]`, `#[tokio::test]` and similar.
pub(crate) fn is_for_tests(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let path = attr.path();
        if path.is_ident("cfg") {
            return attr
                .parse_args::<Meta>()
                .is_ok_and(|meta| needs_test(&meta));
        }
        let last = path.segments.last().map(|last| last.ident.to_string());
        matches!(
            last.as_deref(),
            Some("test" | "bench" | "rstest" | "test_case" | "quickcheck")
        )
    })
}

/// Whether a condition holds only in tests.
fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            let mut metas = metas.iter().flatten().peekable();
            if list.path.is_ident("all") {
                metas.any(needs_test)
            } else {
                list.path.is_ident("any") && metas.peek().is_some() && metas.all(needs_test)
            }
        }
        Meta::NameValue(_) => false,
    }
}
