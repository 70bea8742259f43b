//! The names that each module of a crate uses for items.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::Module;
use crate::paths::{self, Found};

/// The names that paths lead through, and the files that method names lead to.
pub(crate) struct Names<'a> {
    modules: &'a [Module],
    /// For each module: the name of an import, and its path.
    imported: BTreeMap<&'a [String], BTreeMap<String, Vec<String>>>,
    /// For each module: the paths of its glob imports.
    stars: BTreeMap<&'a [String], Vec<Vec<String>>>,
    /// The functions of `impl` blocks in another file than their type, if no other function has the same name. Maps to
    /// the file of the `impl`.
    methods: BTreeMap<String, &'a str>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(modules: &'a [Module]) -> Self {
        let mut imported: BTreeMap<&[String], BTreeMap<String, Vec<String>>> = BTreeMap::new();
        let mut stars: BTreeMap<&[String], Vec<Vec<String>>> = BTreeMap::new();
        let mut functions: BTreeMap<String, BTreeSet<(&str, bool)>> = BTreeMap::new();
        for module in modules {
            for Found { path, name, .. } in paths::of_module(module, modules) {
                match name.as_deref() {
                    Some("*") => stars.entry(&module.path).or_default().push(path),
                    Some(name) => {
                        imported
                            .entry(&module.path)
                            .or_default()
                            .insert(name.to_owned(), path);
                    }
                    None => {}
                }
            }
            let mut types = BTreeSet::new();
            types_of(module.tokens.clone(), &mut types);
            functions_of(module.tokens.clone(), None, &mut |name, owner| {
                let away = owner.is_some_and(|owner| !types.contains(owner));
                functions
                    .entry(name)
                    .or_default()
                    .insert((&module.file, away));
            });
        }
        let methods = functions.into_iter().filter_map(|(name, files)| {
            let mut files = files.into_iter();
            match (files.next(), files.next()) {
                (Some((file, true)), None) if !COMMON.contains(&&*name) => Some((name, file)),
                _ => None,
            }
        });
        Self {
            modules,
            imported,
            stars,
            methods: methods.collect(),
        }
    }

    /// Returns the file that defines the item of a path from the root of the crate.
    pub(crate) fn file_of(&self, path: &[String]) -> Option<&'a str> {
        self.follow(path, 0)
    }

    fn follow(&self, path: &[String], depth: usize) -> Option<&'a str> {
        let module = self.deepest(path)?;
        let Some(name) = path.get(module.path.len()) else {
            return Some(&module.file);
        };
        if depth < 16 {
            let imported = self
                .imported
                .get(&*module.path)
                .and_then(|names| names.get(name));
            if let Some(target) = imported.filter(|target| **target != *path) {
                let rest = &path[module.path.len() + 1..];
                return self.follow(&[target, rest].concat(), depth + 1);
            }
            for star in self.stars.get(&*module.path).into_iter().flatten() {
                let starred = [&**star, &path[module.path.len()..]].concat();
                let file = self.follow(&starred, depth + 1);
                if file.is_some_and(|file| self.defines(file, name)) {
                    return file;
                }
            }
        }
        Some(&module.file)
    }

    fn deepest(&self, path: &[String]) -> Option<&'a Module> {
        self.modules
            .iter()
            .filter(|module| path.starts_with(&module.path))
            .max_by_key(|module| module.path.len())
    }

    fn defines(&self, file: &str, name: &str) -> bool {
        let module = self.modules.iter().find(|module| module.file == file);
        let mut previous = String::new();
        module.is_some_and(|module| {
            module.tokens.clone().into_iter().any(|token| {
                let text = token.to_string();
                let item = [
                    "struct", "enum", "fn", "trait", "type", "const", "static", "union", "mod",
                ];
                let defines = text == name && item.contains(&&*previous);
                previous = text;
                defines
            })
        })
    }

    /// Returns the file of the `impl` block that has the only function of this name, if it is not the file of the type.
    pub(crate) fn method(&self, name: &str) -> Option<&'a str> {
        self.methods.get(name).copied()
    }
}

/// Names that types of other crates also have, so that a call of one is not conclusive.
const COMMON: &[&str] = &[
    "drop",
    "fmt",
    "get",
    "get_mut",
    "get_ref",
    "insert",
    "into_inner",
    "join",
    "new",
    "replace",
    "set",
    "span",
    "with",
];

/// Collects the types that a file declares.
fn types_of(tokens: TokenStream, types: &mut BTreeSet<String>) {
    let mut declares = false;
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                if declares {
                    types.insert(word.to_string());
                }
                declares = word == "struct" || word == "enum" || word == "union" || word == "trait";
            }
            TokenTree::Group(group) => types_of(group.stream(), types),
            _ => {}
        }
    }
}

/// Calls a closure with the name of each function, and the type of which it is an inherent function.
fn functions_of(
    tokens: TokenStream,
    owner: Option<&str>,
    each: &mut impl FnMut(String, Option<&str>),
) {
    let tokens = paths::without_tests(tokens);
    // The type of the `impl` whose body comes next.
    let mut of_impl = None;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "impl" => of_impl = type_of_impl(&tokens[at + 1..]),
            TokenTree::Ident(word) if word == "fn" => {
                of_impl = None;
                if let Some(TokenTree::Ident(name)) = tokens.get(at + 1) {
                    each(name.to_string(), owner);
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                functions_of(group.stream(), of_impl.take().as_deref(), each);
            }
            _ => {}
        }
    }
}

/// Returns the name of the type after `impl`, except in `impl Trait for Type`.
fn type_of_impl(tokens: &[TokenTree]) -> Option<String> {
    let mut depth = 0_i32;
    let mut before = ' ';
    let mut name = None;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => depth += 1,
                    '>' if before != '-' => depth -= 1,
                    _ => {}
                }
                before = punct.as_char();
            }
            TokenTree::Ident(word) if depth == 0 && word == "for" => return None,
            TokenTree::Ident(word) if depth == 0 && word == "where" => break,
            TokenTree::Ident(word) if depth == 0 => name = Some(word.to_string()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            _ => {}
        }
    }
    name
}
