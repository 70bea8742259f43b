//! Finds the items in a sequence of tokens, and distinguishes them by their keywords.

use proc_macro2::{Delimiter, Ident, Span, TokenTree};

use crate::syntax::tokens::{as_group, find_body, is_ident, is_punct};

/// The kind of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Function,
    Impl,
    Trait,
    Mod,
    /// Another item that ends with braces or with a semicolon.
    Braced,
    /// Another item that ends with a semicolon, even if there are braces before it.
    Plain,
}

/// One item in a sequence of trees.
pub(crate) struct RawItem {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) keyword: usize,
    /// The index of the body, if there is one.
    pub(crate) body: Option<usize>,
    /// The index after the last tree.
    pub(crate) end: usize,
}

impl RawItem {
    /// Reads the item that starts at `start`.
    pub(crate) fn read(trees: &[TokenTree], start: usize) -> Self {
        let mut keyword = start;
        while is_punct(trees.get(keyword), '#') {
            keyword += if is_punct(trees.get(keyword + 1), '!') {
                3
            } else {
                2
            };
        }
        // An incomplete attribute may be at the end of the tokens.
        keyword = keyword.min(trees.len());
        let mut kind = Kind::Braced;
        while let Some(tree) = trees.get(keyword) {
            let next = trees.get(keyword + 1);
            match tree {
                TokenTree::Ident(ident) => match Kind::of(ident, next) {
                    Some(found) => {
                        kind = found;
                        break;
                    }
                    None if is_punct(next, '!') => break,
                    None => {}
                },
                // `pub(crate)`, `extern "C"`, and fragments that `macro_rules!` passes on.
                TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {}
                TokenTree::Literal(_) => {}
                _ => break,
            }
            keyword += 1;
        }
        let semicolon = || {
            let found = trees
                .iter()
                .skip(keyword)
                .position(|tree| is_punct(Some(tree), ';'));
            found.map_or(trees.len(), |offset| keyword + offset + 1)
        };
        let body = if kind == Kind::Plain {
            None
        } else {
            find_body(trees, keyword)
        };
        let end = body.map_or_else(semicolon, |body| body + 1);
        RawItem {
            kind,
            start,
            keyword,
            body,
            end,
        }
    }

    /// Returns a description of the item for errors, and the span to report it at.
    pub(crate) fn describe(&self, trees: &[TokenTree]) -> (String, Span) {
        let Some(keyword) = trees.get(self.keyword) else {
            return ("this".to_owned(), Span::call_site());
        };
        let before = &trees[self.start..self.keyword];
        let is_foreign = |tree| is_ident(Some(tree), "extern");
        let what = match keyword {
            TokenTree::Ident(word) if word == "extern" => "an `extern` block".to_owned(),
            TokenTree::Ident(word) if word == "enum" => "an `enum`".to_owned(),
            TokenTree::Ident(word) if word == "macro_rules" => "a `macro_rules!`".to_owned(),
            TokenTree::Ident(_) if is_punct(trees.get(self.keyword + 1), '!') => {
                "a call of a macro".to_owned()
            }
            TokenTree::Ident(word) => format!("a `{word}`"),
            _ => match before.iter().find(|tree| is_foreign(tree)) {
                Some(word) => return ("an `extern` block".to_owned(), word.span()),
                None => "this".to_owned(),
            },
        };
        (what, keyword.span())
    }
}

impl Kind {
    /// Returns the kind that `ident` introduces, or `None` if it is a qualifier before the keyword.
    fn of(ident: &Ident, next: Option<&TokenTree>) -> Option<Self> {
        Some(match ident.to_string().as_str() {
            "fn" => Kind::Function,
            "impl" => Kind::Impl,
            "trait" => Kind::Trait,
            "mod" => Kind::Mod,
            "struct" | "enum" | "union" => Kind::Braced,
            "const"
                if ["fn", "async", "unsafe", "extern"]
                    .iter()
                    .any(|word| is_ident(next, word)) =>
            {
                return None;
            }
            "extern" if is_ident(next, "crate") => Kind::Plain,
            "extern" if as_group(next, Delimiter::Brace).is_some() => Kind::Braced,
            "const" | "static" | "type" | "use" => Kind::Plain,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{TokenStream, TokenTree};

    use super::RawItem;

    #[test]
    fn errors_name_the_kind_of_item() {
        for (text, name) in [
            ("struct A;", "a `struct`"),
            ("pub enum A {}", "an `enum`"),
            ("macro_rules! a { () => {} }", "a `macro_rules!`"),
            ("a! {}", "a call of a macro"),
            ("extern \"C\" {}", "an `extern` block"),
            ("extern {}", "an `extern` block"),
            ("5", "this"),
        ] {
            let tokens: TokenStream = text.parse().unwrap();
            let trees: Vec<TokenTree> = tokens.into_iter().collect();
            assert_eq!(RawItem::read(&trees, 0).describe(&trees).0, name, "{text}");
        }
    }

    /// Found by fuzzing: the range of every item must be within the tokens that it was read from.
    #[test]
    fn attributes_without_an_item_end_with_the_tokens() {
        for text in ["#", "##", "#!", "#!#", "pub fn run() {} #####"] {
            let tokens: TokenStream = text.parse().unwrap();
            let trees: Vec<TokenTree> = tokens.into_iter().collect();
            let mut at = 0;
            while at < trees.len() {
                let item = RawItem::read(&trees, at);
                assert!(
                    item.keyword <= trees.len() && item.end <= trees.len(),
                    "{text}"
                );
                assert!(item.end > at, "{text}");
                at = item.end;
            }
        }
    }
}
