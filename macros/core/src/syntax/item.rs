//! A function with a parsed signature and an unparsed body. Most bodies need no syntax tree, and incomplete
//! ones have none.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Result, Signature, Token, Visibility};

use crate::error;
use crate::syntax::item_kind::{Kind, RawItem};
use crate::syntax::tokens::{braces, is_punct, refill, visible};

/// A function.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    /// Visibility and `default`.
    pub(crate) qualifiers: TokenStream,
    pub(crate) sig: Signature,
    /// The span of the user's last token before the body, if generated tokens replace it. Without it, errors
    /// about the signature as a whole would be reported at the attribute.
    pub(crate) end_of_signature: Option<Span>,
    pub(crate) body: Group,
    /// The user's opening brace.
    pub(crate) open: Span,
}

impl Function {
    /// Parses `head`, everything before the body.
    pub(crate) fn read(head: &[TokenTree], body: &TokenTree) -> Result<Self> {
        let TokenTree::Group(body) = body else {
            return Err(error::unreadable_function(body.span()));
        };
        let body = visible(body.clone());
        let open = body.span_open();
        let read = |input: ParseStream<'_>| {
            let attrs = input.call(Attribute::parse_outer)?;
            let mut qualifiers = input.parse::<Visibility>()?.into_token_stream();
            if input.peek(Token![default]) {
                input.parse::<Token![default]>()?.to_tokens(&mut qualifiers);
            }
            let sig = input.parse()?;
            Ok(Function {
                attrs,
                qualifiers,
                sig,
                end_of_signature: None,
                body,
                open,
            })
        };
        read.parse2(head.iter().cloned().collect())
            .map_err(|found| error::unreadable_function(found.span()))
    }

    /// Takes the leading `#![..]` out of the body, the only place where they are allowed.
    pub(crate) fn split_inner_attrs(&self) -> (TokenStream, Group) {
        let trees: Vec<TokenTree> = self.body.stream().into_iter().collect();
        let end = end_of_inner_attrs(&trees);
        if end == 0 {
            return (TokenStream::new(), self.body.clone());
        }
        let mut trees = trees.into_iter();
        let attrs = trees.by_ref().take(end).collect();
        (attrs, refill(&self.body, trees.collect()))
    }

    /// Returns the function with another body.
    pub(crate) fn emit(&self, inner_attrs: TokenStream, content: TokenStream) -> TokenStream {
        let mut tokens = TokenStream::new();
        for attr in &self.attrs {
            attr.to_tokens(&mut tokens);
        }
        tokens.extend(self.qualifiers.clone());
        self.sig.to_tokens(&mut tokens);
        tokens.extend(
            self.end_of_signature
                .map(|span| TokenTree::Ident(Ident::new("where", span))),
        );
        let mut all = inner_attrs;
        all.extend(content);
        // With generated braces, the whole item would count as generated, and no lint would report it.
        tokens.extend([TokenTree::Group(braces(all, self.body.span()))]);
        tokens
    }
}

/// The item below an attribute that only supports functions.
pub(crate) enum Target {
    Function(Box<Function>),
    /// The name of a function without a body.
    Declaration(Ident),
    /// A description of the item, and the span of its keyword.
    Other(String, Span),
}

pub(crate) fn target(trees: &[TokenTree]) -> Result<Target> {
    let shape = RawItem::read(trees, 0);
    match (shape.kind, shape.body, trees.get(shape.keyword + 1)) {
        (Kind::Function, Some(body), _) => Function::read(&trees[..body], &trees[body])
            .map(|function| Target::Function(Box::new(function))),
        (Kind::Function, None, Some(TokenTree::Ident(name))) => {
            Ok(Target::Declaration(name.clone()))
        }
        _ => {
            let (what, span) = shape.describe(trees);
            Ok(Target::Other(what, span))
        }
    }
}

/// Returns the index after the `#![..]` and `//!` at the beginning.
pub(crate) fn end_of_inner_attrs(trees: &[TokenTree]) -> usize {
    let mut end = 0;
    while is_punct(trees.get(end), '#') && is_punct(trees.get(end + 1), '!') {
        end += 3;
    }
    end
}
