//! Wraps the values that a body returns: at its end, with `return`, or through a variable.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprClosure, Pat, Stmt, Type};

use crate::syntax::diverging;
use crate::syntax::early_return;
use crate::syntax::literals::{Literals, visit};
use crate::syntax::return_type;
use crate::syntax::tokens::count;

/// Which returned values are wrapped, in addition to `async` literals.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    /// Values that are boxed and pinned.
    pub(crate) boxes: bool,
    /// Values inside other values: `Ok(async { .. })`.
    pub(crate) in_others: bool,
}

/// Wraps the `async` literals that a body returns: in its tail, with `return`, or through a variable. Returns
/// `None` if there are none.
pub(crate) fn wrap_returned(
    body: TokenStream,
    wrap: &dyn Fn(TokenStream, Span) -> TokenStream,
    parts: Parts,
) -> Option<TokenStream> {
    let all = body.clone();
    let mut stmts = Block::parse_within.parse2(body).ok()?;
    let mut returned = Returned {
        wrap,
        parts,
        variables: Vec::new(),
    };
    let mut found = false;
    for stmt in &mut stmts {
        found |= early_return::visit(stmt, &mut |value| visit(value, &mut returned));
    }
    if let Some(Stmt::Expr(tail, None)) = stmts.last_mut() {
        found |= visit(tail, &mut returned);
    }
    let variables = std::mem::take(&mut returned.variables);
    for stmt in &mut stmts {
        let Some((name, ty, value)) = declaration(stmt) else {
            continue;
        };
        returned.parts.boxes = parts.boxes && ty.is_none_or(return_type::is_boxed);
        // If nothing else uses the variable, nothing depends on its type.
        let uses = variables
            .iter()
            .filter(|variable| *variable == name)
            .count();
        if uses > 0 && count(all.clone(), &name.to_string()) == uses + 1 {
            found |= visit(value, &mut returned);
        }
    }
    found.then(|| stmts.iter().map(ToTokens::to_token_stream).collect())
}

/// `let name: ty = value;`
fn declaration(stmt: &mut Stmt) -> Option<(&Ident, Option<&Type>, &mut Expr)> {
    let Stmt::Local(local) = stmt else {
        return None;
    };
    let (pat, ty) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        pat => (pat, None),
    };
    match (pat, &mut local.init) {
        (Pat::Ident(name), Some(init)) if init.diverge.is_none() && name.by_ref.is_none() => {
            Some((&name.ident, ty, &mut init.expr))
        }
        _ => None,
    }
}

struct Returned<'a> {
    wrap: &'a dyn Fn(TokenStream, Span) -> TokenStream,
    parts: Parts,
    variables: Vec<Ident>,
}

impl Literals for Returned<'_> {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream> {
        Some((self.wrap)(literal, at))
    }

    fn closure(&mut self, _: &mut ExprClosure) -> Option<TokenStream> {
        None
    }

    fn pinned(&mut self, value: &Expr) -> Option<TokenStream> {
        let wrap = || (self.wrap)(value.to_token_stream(), value.span());
        self.parts.boxes.then(wrap)
    }

    fn visits_parts(&self) -> bool {
        self.parts.in_others
    }

    fn variable(&mut self, name: &Ident) {
        self.variables.push(name.clone());
    }
}

/// A body whose early returns are wrapped.
pub(crate) struct Early {
    pub(crate) content: TokenStream,
    /// Whether the last statement diverges, so that no code after it is reached.
    pub(crate) diverges: bool,
}

/// Wraps every value that a body returns early. Returns `None` if there is a `return` that is not found, such
/// as one in a closure.
pub(crate) fn wrap_early(
    body: TokenStream,
    wrap: &dyn Fn(TokenStream, Span) -> TokenStream,
) -> Option<Early> {
    let all = count(body.clone(), "return");
    let mut stmts = Block::parse_within.parse2(body).ok()?;
    let mut wrapped = 0;
    for stmt in &mut stmts {
        early_return::visit(stmt, &mut |value| {
            *value = Expr::Verbatim(wrap(value.to_token_stream(), value.span()));
            wrapped += 1;
            true
        });
    }
    (wrapped == all).then(|| Early {
        content: stmts.iter().map(ToTokens::to_token_stream).collect(),
        diverges: stmts.last().is_some_and(diverging::stmt),
    })
}
