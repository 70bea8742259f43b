//! Closures that capture the context where they are made, and enter it where they are called.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::token::Brace;
use syn::{Block, Expr, ExprBlock, ExprClosure, ReturnType, Stmt};

use super::wrap::{Mode, Sites};
use crate::syntax::literals::{self, Literals};
use crate::syntax::runtime_path::generated;
use crate::syntax::tokens::{as_tail, braces, mentions};

/// How a closure may be called once it is rewritten.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// By someone who calls it once.
    Once,
    /// Just as before.
    AsBefore,
}

impl Sites<'_> {
    /// Rewrites a closure so that it captures where it is made and enters where it is called.
    /// `None` where there is no way that keeps what it is.
    ///
    /// The body stays the closure's own, so that `return`, `?` and the types of the parameters
    /// mean what they meant; only where nobody but us may add a capture by value is it called
    /// through a second one.
    pub(super) fn closure(
        &self,
        closure: &mut ExprClosure,
        called: Called,
        returns_future: bool,
        mode: Mode,
    ) -> Option<TokenStream> {
        if closure.asyncness.is_some() || closure.constness.is_some() {
            return None;
        }
        let at = closure.inputs_begin.spans[0];
        let start = closure.capture.map_or(at, |keyword| keyword.span);
        let names = Names::new(at);
        self.propagate_result(closure, returns_future, mode);
        let captures = self.captures(&names, mode, at);
        let span = names.span;
        let call = &names.call;
        let written = if closure.capture.is_some() {
            self.enter_in(closure, &names, false, at, mode);
            quote_spanned!(span=> #captures #closure)
        } else if called == Called::Once {
            self.enter_in(closure, &names, true, at, mode);
            quote_spanned!(span=> #captures #closure)
        } else if closure.inputs.is_empty() {
            let enter = self.enter(&names, false, at, mode);
            quote_spanned! {span=>
                #captures
                let mut #call = #closure;
                move || { #enter #call() }
            }
        } else {
            return None;
        };
        // Where this is not what the callee wants, the error is to be at the user's closure.
        Some(braces(written, start).into_token_stream())
    }

    /// The statements before the closure, where it is made.
    pub(super) fn captures(&self, names: &Names, mode: Mode, at: Span) -> TokenStream {
        let Names {
            context,
            tracing,
            span,
            ..
        } = names;
        let capture = self.private(
            if mode == Mode::Detach {
                "detached"
            } else {
                "capture"
            },
            at,
        );
        let mut captures = quote_spanned!(*span=> let #context = #capture(););
        if self.span && mode == Mode::Propagate {
            let current = self.private("current_span", at);
            captures.extend(quote_spanned!(*span=> let #tracing = #current();));
        }
        captures
    }

    /// The statements at the beginning of the body, where it is called.
    fn enter(&self, names: &Names, by_value: bool, at: Span, mode: Mode) -> TokenStream {
        let Names {
            context,
            tracing,
            guard,
            entered,
            span,
            ..
        } = names;
        let mut enter = if by_value {
            let enter = self.private("enter_once", at);
            quote_spanned!(*span=> let #guard = #enter(#context);)
        } else {
            let enter = self.private("enter", at);
            quote_spanned!(*span=> let #guard = #enter(&#context);)
        };
        if self.span && mode == Mode::Propagate {
            if by_value {
                enter.extend(quote_spanned!(*span=> let #tracing = #tracing;));
            }
            enter.extend(quote_spanned!(*span=> let #entered = #tracing.enter();));
        }
        enter
    }

    /// Puts the user's body behind the statements that enter, in braces of our edition: so the
    /// temporaries of its tail are dropped inside, and its own braces keep their place.
    pub(super) fn enter_in(
        &self,
        closure: &mut ExprClosure,
        names: &Names,
        by_value: bool,
        at: Span,
        mode: Mode,
    ) {
        let enter = self.enter(names, by_value, at, mode);
        let outer = last_span(&closure.body);
        let body = match visible_block(&closure.body) {
            Some(block) => as_tail(&block),
            None => closure.body.to_token_stream(),
        };
        let inner = braces(quote_spanned!(names.span=> #enter #body), names.span);
        let tail = Stmt::Expr(Expr::Verbatim(inner.into_token_stream()), None);
        let body = Block {
            brace_token: Brace(outer),
            stmts: vec![tail],
        };
        *closure.body = Expr::Block(ExprBlock {
            attrs: Vec::new(),
            label: None,
            block: body,
        });
    }

    /// The future that a closure returns is polled by others, after the closure's scope has ended.
    fn propagate_result(&self, closure: &mut ExprClosure, returns_future: bool, mode: Mode) {
        let plain = matches!(closure.output, ReturnType::Default);
        let body = closure.body.to_token_stream();
        if returns_future && plain && !mentions(body.clone(), "return") {
            let at = last_span(&closure.body);
            *closure.body = Expr::Verbatim(self.future(&body, at, mode));
        } else {
            literals::visit(&mut closure.body, &mut Futures { sites: self, mode });
        }
    }
}

/// The names of what is generated, which the user's code cannot see.
pub(super) struct Names {
    pub(super) span: Span,
    context: Ident,
    guard: Ident,
    call: Ident,
    tracing: Ident,
    entered: Ident,
}

impl Names {
    pub(super) fn new(at: Span) -> Self {
        let span = generated(at);
        let name = |name| Ident::new(name, span);
        Names {
            span,
            context: name("__context"),
            guard: name("__guard"),
            call: name("__call"),
            tracing: name("__span"),
            entered: name("__entered"),
        }
    }
}

/// The futures alone that a closure comes to.
struct Futures<'a> {
    sites: &'a Sites<'a>,
    mode: Mode,
}

impl Literals for Futures<'_> {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream> {
        Some(self.sites.future(&literal, at, self.mode))
    }

    fn closure(&mut self, _: &mut ExprClosure) -> Option<TokenStream> {
        None
    }
}

/// The braces of a closure's body, if it has any.
fn visible_block(body: &Expr) -> Option<Group> {
    let mut trees = body.to_token_stream().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => {
            Some(group)
        }
        _ => None,
    }
}

/// The place of an expression, for tokens that stand in place of it.
fn last_span(expr: &Expr) -> Span {
    let last = expr.to_token_stream().into_iter().last();
    last.map_or_else(|| expr.span(), |tree| tree.span())
}
