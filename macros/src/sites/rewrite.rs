//! The arguments of a spawner, and the closures among them.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::token::Brace;
use syn::{Block, Expr, ExprBlock, ExprClosure, Result, ReturnType, Stmt, Token};

use super::catalogue::{self, Calls, Spawner, Takes, Values};
use super::marks::Literal;
use super::walk::{Callee, Walk};
use super::{Mode, Sites};
use crate::check;
use crate::function::{as_tail, mentions};
use crate::path::generated;
use crate::tail::{self, Literals};
use crate::tokens::braces;

/// How a closure may be called once it is rewritten.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Called {
    /// By someone who calls it once.
    Once,
    /// Just as before.
    AsBefore,
}

impl Walk<'_> {
    /// Rewrites the arguments of a spawner; `None` where they stay as they are.
    pub(super) fn arguments(
        &self,
        arguments: TokenStream,
        callee: &Callee,
        spawner: Spawner,
        mode: Mode,
    ) -> Option<TokenStream> {
        // What does not parse is an error of the user's, or no call at all.
        let mut arguments = Punctuated::<Expr, Token![,]>::parse_terminated
            .parse2(arguments)
            .ok()?;
        let mut found = false;
        let count = arguments.len();
        let last = count.checked_sub(1)?;
        for (index, argument) in arguments.iter_mut().enumerate() {
            let whole = match spawner {
                Spawner::Values { takes, which } => Some(takes).filter(|_| match which {
                    Values::Only => count == 1,
                    Values::Both => count == 2,
                    Values::Last => index == last && !found,
                }),
                Spawner::Literals { .. } => None,
            };
            found |= match whole {
                Some(takes) => self.sites.value(argument, takes, mode),
                None => self.sites.literals(argument, spawner, mode),
            };
        }
        if !found && mode == Mode::Detach {
            let name = callee.segments.last()?;
            found = self.sites.detached_value(arguments.last_mut()?, name);
        }
        found.then(|| arguments.into_token_stream())
    }

    pub(super) fn marked_literal(&self, literal: Literal, mode: Mode) -> Result<TokenStream> {
        let mut closure = match literal {
            Literal::Async(block) => {
                let at = block.async_token.span;
                return Ok(self.sites.future(&block.into_token_stream(), at, mode));
            }
            Literal::Closure(closure) => closure,
        };
        let at = closure.inputs_begin.spans[0];
        if let Some(keyword) = closure.asyncness {
            return Err(check::mark_on_async_closure(keyword.span));
        }
        self.sites
            .closure(&mut closure, Called::AsBefore, false, mode)
            .ok_or_else(|| check::mark_wants_move(at))
    }
}

impl Sites<'_> {
    /// An argument that is wrapped whatever it is.
    fn value(&self, argument: &mut Expr, takes: Takes, mode: Mode) -> bool {
        let at = argument.span();
        match (peeled(argument), takes) {
            (Expr::Closure(closure), Takes::Closure) => {
                match self.closure(closure, Called::Once, false, mode) {
                    Some(tokens) => *argument = Expr::Verbatim(tokens),
                    None => return false,
                }
            }
            // The call is wrong, and the compiler says so.
            (Expr::Closure(_), Takes::Future) | (Expr::Lit(_), _) => return false,
            (_, Takes::Future) => {
                *argument = Expr::Verbatim(self.future(&argument.to_token_stream(), at, mode));
            }
            (_, Takes::Closure) => {
                *argument = Expr::Verbatim(self.function(&argument.to_token_stream(), at, mode));
            }
        }
        true
    }

    fn literals(&self, argument: &mut Expr, spawner: Spawner, mode: Mode) -> bool {
        tail::visit(
            argument,
            &mut Spawned {
                sites: self,
                spawner,
                mode,
            },
        )
    }

    /// In a detached statement the user has said what is to happen to a value, and what a call
    /// comes to is the future that is spawned.
    fn detached_value(&self, argument: &mut Expr, name: &str) -> bool {
        let at = argument.span();
        let tokens = argument.to_token_stream();
        *argument = Expr::Verbatim(match (catalogue::detached_value(name), peeled(argument)) {
            (Takes::Closure, _) => self.function(&tokens, at, Mode::Detach),
            (Takes::Future, Expr::Call(_) | Expr::MethodCall(_)) => {
                self.future(&tokens, at, Mode::Detach)
            }
            (Takes::Future, _) => return false,
        });
        true
    }

    /// `bring(future)`
    fn future(&self, future: &TokenStream, at: Span, mode: Mode) -> TokenStream {
        self.wrapped(future, ["bring", "detach", "in_current_span"], at, mode)
    }

    /// `bring_fn(function)`
    fn function(&self, function: &TokenStream, at: Span, mode: Mode) -> TokenStream {
        self.wrapped(
            function,
            ["bring_fn", "detach_fn", "in_current_span_fn"],
            at,
            mode,
        )
    }

    fn wrapped(&self, value: &TokenStream, names: [&str; 3], at: Span, mode: Mode) -> TokenStream {
        let [bring, detach, in_span] = names.map(|name| self.private(name, at));
        let span = generated(at);
        match mode {
            Mode::Detach => quote_spanned!(span=> #detach(#value)),
            Mode::Bring if self.span => quote_spanned!(span=> #in_span(#bring(#value))),
            Mode::Bring => quote_spanned!(span=> #bring(#value)),
        }
    }

    /// Rewrites a closure so that it captures where it is made and enters where it is called.
    /// `None` where there is no way that keeps what it is.
    ///
    /// The body stays the closure's own, so that `return`, `?` and the types of the parameters
    /// mean what they meant; only where nobody but us may add a capture by value is it called
    /// through a second one.
    fn closure(
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
        self.bring_result(closure, returns_future, mode);
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
        if self.span && mode == Mode::Bring {
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
        if self.span && mode == Mode::Bring {
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
    fn bring_result(&self, closure: &mut ExprClosure, returns_future: bool, mode: Mode) {
        let plain = matches!(closure.output, ReturnType::Default);
        let body = closure.body.to_token_stream();
        if returns_future && plain && !mentions(body.clone(), "return") {
            let at = last_span(&closure.body);
            *closure.body = Expr::Verbatim(self.future(&body, at, mode));
        } else {
            tail::visit(&mut closure.body, &mut Futures { sites: self, mode });
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

/// The literals that are passed to a spawner.
struct Spawned<'a> {
    sites: &'a Sites<'a>,
    spawner: Spawner,
    mode: Mode,
}

impl Literals for Spawned<'_> {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream> {
        Some(self.sites.future(&literal, at, self.mode))
    }

    fn closure(&mut self, closure: &mut ExprClosure) -> Option<TokenStream> {
        let (calls, returns_future) = self.spawner.of_literals();
        let called = match calls {
            Calls::Once => Called::Once,
            Calls::OnceWithScope if !closure.inputs.is_empty() => Called::Once,
            Calls::OnceWithScope | Calls::Unknown => Called::AsBefore,
        };
        self.sites
            .closure(closure, called, returns_future, self.mode)
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

/// The expression inside of parentheses, visible or not.
pub(super) fn peeled(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Paren(paren) => peeled(&mut paren.expr),
        Expr::Group(group) => peeled(&mut group.expr),
        other => other,
    }
}

/// The place of an expression, for tokens that stand in place of it.
fn last_span(expr: &Expr) -> Span {
    let last = expr.to_token_stream().into_iter().last();
    last.map_or_else(|| expr.span(), |tree| tree.span())
}
