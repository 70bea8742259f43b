//! Reads what `use` imports into a file.

use std::collections::{HashMap, HashSet};

use syn::visit::{self, Visit};
use syn::{Block, ItemExternCrate, ItemMod, ItemUse, UseTree};

use crate::source::unraw;

/// The names that a file imports. If a module or function inside the file imports another item under the same
/// name, the import of the file takes precedence.
#[derive(Default, Debug)]
pub(crate) struct Imports {
    /// The full path, by the name in the file.
    names: HashMap<String, Vec<String>>,
    /// The modules of `use module::*`.
    pub(crate) globs: Vec<Vec<String>>,
    /// The names that only modules and functions inside the file import.
    inner: HashSet<String>,
    /// Whether the visited code is inside a module or function of the file.
    is_inner: bool,
}

impl Imports {
    pub(super) fn read(file: &syn::File) -> Self {
        let mut imports = Imports::default();
        imports.visit_file(file);
        imports
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Vec<String>> {
        self.names.get(name)
    }

    /// Returns the path that the file itself imports under this name.
    pub(crate) fn get_outer(&self, name: &str) -> Option<&Vec<String>> {
        self.get(name).filter(|_| !self.inner.contains(name))
    }

    /// Returns the full path for a path, by its first segment.
    pub(crate) fn whole<'a>(&'a self, path: &'a [String]) -> Vec<&'a str> {
        let (first, rest) = match path.split_first() {
            Some((first, rest)) => (self.get(first).map_or(&path[..1], Vec::as_slice), rest),
            None => (&[][..], &[][..]),
        };
        first.iter().chain(rest).map(String::as_str).collect()
    }

    fn add(&mut self, name: String, path: Vec<String>) {
        if !self.is_inner {
            self.inner.remove(&name);
            self.names.insert(name, path);
        } else if !self.names.contains_key(&name) {
            self.inner.insert(name.clone());
            self.names.insert(name, path);
        }
    }

    fn tree(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(inner) => {
                path.push(unraw(&inner.ident));
                self.tree(&inner.tree, path);
                path.pop();
            }
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = path.last().cloned() {
                    self.add(last, path.clone());
                }
            }
            UseTree::Name(name) => {
                let name = unraw(&name.ident);
                let whole = path.iter().cloned().chain([name.clone()]).collect();
                self.add(name, whole);
            }
            UseTree::Rename(rename) => {
                let mut whole = path.clone();
                if rename.ident != "self" {
                    whole.push(unraw(&rename.ident));
                }
                self.add(unraw(&rename.rename), whole);
            }
            UseTree::Glob(_) => self.globs.push(path.clone()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, path);
                }
            }
        }
    }

    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.is_inner, true);
        visit(self);
        self.is_inner = outer;
    }
}

impl<'a> Visit<'a> for Imports {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.tree(&item.tree, &mut Vec::new());
    }

    fn visit_item_extern_crate(&mut self, item: &'a ItemExternCrate) {
        if let Some((_, name)) = &item.rename {
            self.add(unraw(name), vec![unraw(&item.ident)]);
        }
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        self.inside(|imports| visit::visit_item_mod(imports, item));
    }

    fn visit_block(&mut self, block: &'a Block) {
        self.inside(|imports| visit::visit_block(imports, block));
    }
}
