//! Rewrites the arguments of a spawner.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprClosure, Result, Token};

use super::body_attrs::{self, Literal};
use super::catalogue::{Calls, SpawnArg, Spawner, Values};
use super::closure::Called;
use super::values::{self, Form};
use super::walk::{Callee, Walk};
use super::wrap::{Mode, Sites};
use crate::error;
use crate::syntax::literals::{self, Literals};
use crate::syntax::runtime_path::Place;
use crate::syntax::tokens::{is_punct, mentions};

type Arguments = Punctuated<Expr, Token![,]>;

impl Walk<'_> {
    /// Rewrites the arguments of a spawner. Returns `None` if they stay unchanged. `plain` contains the user's
    /// arguments, before the spawn sites in them were rewritten.
    pub(super) fn arguments(
        &self,
        arguments: TokenStream,
        plain: &Group,
        callee: &Callee,
        spawner: Spawner,
        mode: Mode,
    ) -> Option<TokenStream> {
        // If the arguments do not parse, the user's code has an error, or this is not a call.
        let parse = |tokens| Arguments::parse_terminated.parse2(tokens).ok();
        let mut arguments = parse(arguments)?;
        let ends = ends(plain, arguments.len());
        let plain = plain.stream();
        let annotated = if mentions(plain.clone(), "propagate_context") {
            parse(plain)?.iter().map(is_annotated).collect()
        } else {
            vec![false; arguments.len()]
        };
        let count = arguments.len();
        let last = count.checked_sub(1)?;
        let first_step = callee.first_step(count);
        let mut found = false;
        for (index, (argument, is_annotated)) in arguments.iter_mut().zip(annotated).enumerate() {
            let end = ends[index];
            // An annotated argument has been rewritten already.
            if is_annotated {
                found = true;
                continue;
            }
            let known = match spawner.values {
                Values::Only(takes) => Some(takes).filter(|_| count == 1),
                Values::Both(takes) => Some(takes).filter(|_| count == 2),
                _ => None,
            };
            if let Some(takes) = known {
                found |= self.sites.value(argument, takes, end, mode);
                continue;
            }
            let has_literals = self.sites.literals(argument, spawner, mode);
            found |= has_literals;
            let is_last = index == last && !found;
            let by_type = match spawner.values {
                Values::Untouched | Values::Both(_) => mode == Mode::Detach && is_last,
                Values::Only(_) | Values::ByType => true,
                Values::LastByType => is_last,
                Values::WithParameter => {
                    if !has_literals {
                        found |= self.sites.with_parameter(argument, spawner, end, mode);
                    }
                    false
                }
            };
            if by_type {
                found |= self
                    .sites
                    .by_type_in(argument, first_step, has_literals, end, mode);
            }
        }
        found.then(|| arguments.into_token_stream())
    }

    pub(super) fn annotated_literal(&self, literal: Literal, mode: Mode) -> Result<TokenStream> {
        let mut closure = match literal {
            Literal::Async(block) => {
                let at = block.async_token.span;
                return Ok(self
                    .sites
                    .future(&block.into_token_stream(), at.into(), mode));
            }
            Literal::Closure(closure) => closure,
        };
        let at = closure.inputs_begin.spans[0];
        self.sites
            .closure(&mut closure, Called::AsBefore, false, mode)
            .ok_or_else(|| error::expected_move(at))
    }
}

impl Sites<'_> {
    /// Wraps an argument regardless of its type.
    fn value(&self, argument: &mut Expr, takes: SpawnArg, end: Span, mode: Mode) -> bool {
        let at = Place::of(&argument.to_token_stream(), end);
        match (peeled(argument), takes) {
            (Expr::Closure(closure), SpawnArg::Closure) => {
                match self.closure(closure, Called::Once, false, mode) {
                    Some(tokens) => *argument = Expr::Verbatim(tokens),
                    None => return false,
                }
            }
            // The call is an error that the compiler reports.
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

    /// Passes a value to the dispatch by type. With `rest_only`, literals in its branches have been rewritten
    /// already, and only the other branches are processed.
    fn by_type_in(
        &self,
        argument: &mut Expr,
        first_step: &str,
        rest_only: bool,
        end: Span,
        mode: Mode,
    ) -> bool {
        if rest_only {
            let mut rest = |value: &mut Expr| self.by_type_in(value, first_step, false, end, mode);
            return literals::visit_branches(argument, &mut rest);
        }
        if let Expr::Paren(paren) = argument {
            let mut inner = (*paren.expr).clone();
            let found = self.by_type_in(&mut inner, first_step, false, end, mode);
            if found {
                // Lints about the parentheses around generated code would be wrong.
                *argument = inner;
            }
            return found;
        }
        match values::form(argument) {
            Form::InBox => match peeled(argument) {
                Expr::Call(call) => {
                    self.by_type_in(&mut call.args[0], first_step, false, end, mode)
                }
                _ => false,
            },
            form @ (Form::Place | Form::Computed) => {
                let value = argument.to_token_stream();
                let at = Place::of(&value, end);
                let tokens = self.by_type(&value, form, first_step, at, mode);
                *argument = Expr::Verbatim(tokens);
                true
            }
            Form::Diverges | Form::Untouched => false,
        }
    }

    /// Wraps the name of a function with one parameter.
    fn with_parameter(&self, argument: &mut Expr, spawner: Spawner, end: Span, mode: Mode) -> bool {
        if !matches!(values::form(argument), Form::Place | Form::Computed) {
            return false;
        }
        let function = peeled(argument);
        let at = Place::of(&function.to_token_stream(), end);
        let tokens = self.through_closure(function, spawner, at, mode);
        *argument = Expr::Verbatim(tokens);
        true
    }
}

/// Returns, for each of `count` arguments, the span of a user's token near its end that is not a name.
fn ends(arguments: &Group, count: usize) -> Vec<Span> {
    let trees: Vec<TokenTree> = arguments.stream().into_iter().collect();
    let mut ends = Vec::new();
    let mut rest = &trees[..];
    while !rest.is_empty() {
        let comma = rest.iter().position(|tree| is_punct(Some(tree), ','));
        let (argument, next) = rest.split_at(comma.unwrap_or(rest.len()));
        let behind = next.first().map_or(arguments.span_close(), TokenTree::span);
        ends.push(match argument.last() {
            Some(TokenTree::Group(group)) => group.span_close(),
            Some(TokenTree::Punct(punct)) => punct.span(),
            _ => behind,
        });
        rest = next.get(1..).unwrap_or_default();
    }
    // Commas between the parameters of a closure do not end an argument.
    if ends.len() != count {
        return vec![arguments.span_close(); count];
    }
    ends
}

/// Whether an argument has an attribute of this crate.
fn is_annotated(argument: &Expr) -> bool {
    let attrs = match argument {
        Expr::Closure(closure) => &closure.attrs,
        Expr::Async(block) => &block.attrs,
        _ => return false,
    };
    attrs.iter().any(body_attrs::is_ours)
}

/// The literals that are passed to a spawner.
struct Spawned<'a> {
    sites: &'a Sites<'a>,
    spawner: Spawner,
    mode: Mode,
}

impl Literals for Spawned<'_> {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream> {
        Some(self.sites.future(&literal, at.into(), self.mode))
    }

    fn closure(&mut self, closure: &mut ExprClosure) -> Option<TokenStream> {
        let is_async = |body: &Expr| matches!(body, Expr::Async(_));
        let called = match self.spawner.calls {
            // The closure may be for a scope that takes async jobs, and may be called more than once.
            Calls::OnceWithScope
                if closure.capture.is_none()
                    && !closure.inputs.is_empty()
                    && is_async(&closure.body) =>
            {
                return None;
            }
            Calls::Once => Called::Once,
            Calls::OnceWithScope if !closure.inputs.is_empty() => Called::Once,
            Calls::OnceWithScope | Calls::Unknown => Called::AsBefore,
        };
        self.sites
            .closure(closure, called, self.spawner.returns_future, self.mode)
    }
}

/// Returns the expression inside parentheses and invisible groups.
pub(super) fn peeled(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Paren(paren) => peeled(&mut paren.expr),
        Expr::Group(group) => peeled(&mut group.expr),
        other => other,
    }
}
