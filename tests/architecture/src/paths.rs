//! The paths of a file that lead to other files of its crate.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::names::Names;
use crate::{Import, Module};

/// A path in a file, from the root of the crate.
pub(crate) struct Found {
    pub(crate) path: Vec<String>,
    /// The name that a `use` gives to it; `*` for a glob.
    pub(crate) name: Option<String>,
}

/// Returns every import of every file, sorted, except imports of a file from itself.
pub(crate) fn imports(modules: &[Module]) -> Vec<Import> {
    let names = Names::of(modules);
    let mut imports = BTreeSet::new();
    for module in modules {
        let mut add = |to: &str, path: String| {
            if to != module.file {
                imports.insert(Import {
                    from: module.file.clone(),
                    to: to.to_owned(),
                    path,
                });
            }
        };
        for found in of_module(module, modules) {
            if let Some(file) = names.file_of(&found.path) {
                add(file, format!("crate::{}", found.path.join("::")));
            }
        }
        calls(module.tokens.clone(), &mut |method| {
            if let Some(file) = names.method(&method) {
                add(file, format!(".{method}()"));
            }
        });
    }
    imports.into_iter().collect()
}

/// The paths of one file.
pub(crate) fn of_module(module: &Module, modules: &[Module]) -> Vec<Found> {
    let children = modules
        .iter()
        .filter(|other| {
            other.path.len() == module.path.len() + 1 && other.path.starts_with(&module.path)
        })
        .filter_map(|child| child.path.last().cloned())
        .collect();
    let mut reader = Reader {
        module: &module.path,
        children,
        inline: 0,
        found: Vec::new(),
    };
    reader.read(module.tokens.clone());
    reader.found
}

struct Reader<'a> {
    module: &'a [String],
    children: BTreeSet<String>,
    /// The number of inline modules around the current position.
    inline: usize,
    found: Vec<Found>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream) {
        let tokens = without_tests(tokens);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(word) if word == "use" => {
                    let end = tokens[at..]
                        .iter()
                        .position(|token| is_punct(Some(token), ';'));
                    let end = end.map_or(tokens.len(), |length| at + length);
                    self.tree(&tokens[at + 1..end], None);
                    at = end;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                        self.inline += 1;
                        self.read(body.stream());
                        self.inline -= 1;
                        at += 2;
                    }
                }
                TokenTree::Ident(_) if !is_behind_separator(&tokens[..at]) => {
                    let (path, end) = segments(&tokens, at);
                    if let Some(path) = self.rooted(&path).filter(|_| path.len() > 1) {
                        self.found.push(Found { path, name: None });
                    }
                    at = end - 1;
                }
                TokenTree::Group(group) if !is_visibility(&tokens, at, group) => {
                    self.read(group.stream());
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads one branch of a `use`: a path that may end in a group of branches.
    fn tree(&mut self, tokens: &[TokenTree], start: Option<&[String]>) {
        let (mut segments, end) = segments(tokens, 0);
        if start.is_none() {
            let Some(path) = self.rooted(&segments) else {
                return self.foreign(tokens, &segments, end);
            };
            segments = path;
        }
        let mut path = [start.unwrap_or_default(), &segments].concat();
        match tokens.get(end) {
            Some(TokenTree::Group(group)) => {
                for branch in
                    without_tests(group.stream()).split(|token| is_punct(Some(token), ','))
                {
                    if !branch.is_empty() {
                        self.tree(branch, Some(&path));
                    }
                }
            }
            Some(token) if is_punct(Some(token), '*') => {
                self.found.push(Found {
                    path,
                    name: Some("*".to_owned()),
                });
            }
            token => {
                if path.last().is_some_and(|last| last == "self") {
                    path.pop();
                }
                let renamed = matches!(token, Some(TokenTree::Ident(word)) if word == "as");
                let name = if renamed {
                    tokens.get(end + 1).map(ToString::to_string)
                } else {
                    path.last().cloned()
                };
                self.found.push(Found { path, name });
            }
        }
    }

    /// Reads `use {crate::a, crate::b}`: there is no path before the group, so each branch starts at its own root.
    fn foreign(&mut self, tokens: &[TokenTree], segments: &[String], end: usize) {
        if let (true, Some(TokenTree::Group(group))) = (segments.is_empty(), tokens.get(end)) {
            for branch in without_tests(group.stream()).split(|token| is_punct(Some(token), ',')) {
                self.tree(branch, None);
            }
        }
    }

    /// Returns `segments` from the root of the crate, or `None` if they name something else.
    fn rooted(&self, segments: &[String]) -> Option<Vec<String>> {
        let (first, mut rest) = segments.split_first()?;
        let mut module = self.module;
        match &**first {
            "crate" => module = &[],
            "self" if !rest.is_empty() => {}
            "super" => {
                let mut up = 1;
                while let Some(("super", more)) =
                    rest.split_first().map(|(first, more)| (&**first, more))
                {
                    (up, rest) = (up + 1, more);
                }
                module = &module[..module
                    .len()
                    .checked_sub(up.max(self.inline) - self.inline)?];
            }
            child if self.children.contains(child) && self.inline == 0 => rest = segments,
            _ => return None,
        }
        Some([module, rest].concat())
    }
}

/// Returns the segments of the path that begins at `at`, and the position of its end.
fn segments(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut segments = Vec::new();
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        segments.push(word.to_string());
        at += 1;
        if !(is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    (segments, at)
}

/// Calls a closure with each name that is called as a method or as a function of a type: `.name(`, `Type::name(`.
fn calls(tokens: TokenStream, each: &mut impl FnMut(String)) {
    let tokens = without_tests(tokens);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name) if at > 0 => {
                let behind = is_punct(tokens.get(at - 1), '.') || is_punct(tokens.get(at - 1), ':');
                let called = matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
                if behind && called {
                    each(name.to_string());
                }
            }
            TokenTree::Group(group) => calls(group.stream(), each),
            _ => {}
        }
    }
}

/// Returns the tokens except items with `#[cfg(test)]` and attributes.
pub(crate) fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let attribute = match (token, tokens.get(at + 1)) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(group)))
                if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
            {
                group.stream().to_string().replace(' ', "")
            }
            _ => {
                kept.push(token.clone());
                at += 1;
                continue;
            }
        };
        at += 2;
        if attribute == "cfg(test)" {
            let ends = |token: &TokenTree| match token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                token => is_punct(Some(token), ';'),
            };
            at += tokens[at..]
                .iter()
                .position(ends)
                .map_or(tokens.len(), |end| end + 1);
        }
    }
    kept
}

/// Returns whether the tokens end with `::`, so that the next token does not start a path.
fn is_behind_separator(before: &[TokenTree]) -> bool {
    matches!(before, [.., first, second] if is_punct(Some(first), ':') && is_punct(Some(second), ':'))
}

/// `pub(crate)`, `pub(in crate::entry)`.
fn is_visibility(tokens: &[TokenTree], at: usize, group: &Group) -> bool {
    group.delimiter() == Delimiter::Parenthesis
        && matches!(at.checked_sub(1).and_then(|before| tokens.get(before)), Some(TokenTree::Ident(word)) if word == "pub")
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}
