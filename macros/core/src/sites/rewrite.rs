//! What becomes of the arguments of a spawner.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Result, Token};

use super::catalogue::{self, Calls, SpawnArg, Spawner, WrapWhich};
use super::closure::Called;
use super::marks::Literal;
use super::walk::{Callee, Walk};
use super::wrap::{Mode, Sites};
use crate::error;
use crate::syntax::literals::{self, Literals};

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
                Spawner::WrapWhich { takes, which } => Some(takes).filter(|_| match which {
                    WrapWhich::Only => count == 1,
                    WrapWhich::Both => count == 2,
                    WrapWhich::Last => index == last && !found,
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
            return Err(error::async_closure(keyword.span));
        }
        self.sites
            .closure(&mut closure, Called::AsBefore, false, mode)
            .ok_or_else(|| error::expected_move(at))
    }
}

impl Sites<'_> {
    /// An argument that is wrapped whatever it is.
    fn value(&self, argument: &mut Expr, takes: SpawnArg, mode: Mode) -> bool {
        let at = argument.span();
        match (peeled(argument), takes) {
            (Expr::Closure(closure), SpawnArg::Closure) => {
                match self.closure(closure, Called::Once, false, mode) {
                    Some(tokens) => *argument = Expr::Verbatim(tokens),
                    None => return false,
                }
            }
            // The call is wrong, and the compiler says so.
            (Expr::Closure(_), SpawnArg::Future) | (Expr::Lit(_), _) => return false,
            (_, SpawnArg::Future) => {
                *argument = Expr::Verbatim(self.future(&argument.to_token_stream(), at, mode));
            }
            (_, SpawnArg::Closure) => {
                *argument = Expr::Verbatim(self.function(&argument.to_token_stream(), at, mode));
            }
        }
        true
    }

    fn literals(&self, argument: &mut Expr, spawner: Spawner, mode: Mode) -> bool {
        literals::visit(
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
            (SpawnArg::Closure, _) => self.function(&tokens, at, Mode::Detach),
            (SpawnArg::Future, Expr::Call(_) | Expr::MethodCall(_)) => {
                self.future(&tokens, at, Mode::Detach)
            }
            (SpawnArg::Future, _) => return false,
        });
        true
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

/// The expression inside of parentheses, visible or not.
pub(super) fn peeled(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Paren(paren) => peeled(&mut paren.expr),
        Expr::Group(group) => peeled(&mut group.expr),
        other => other,
    }
}
