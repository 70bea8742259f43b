//! The literals that an expression may come to: the `async` blocks and closures at its end, behind
//! parentheses, blocks, branches, boxes and method calls.
//!
//! Only literals are looked for. Their types have no names, so no code can depend on them, and
//! another type that does the same may stand in their place.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprClosure, Stmt};

/// What to write in place of a literal; `None` leaves it.
pub(crate) trait Literals {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream>;
    fn closure(&mut self, closure: &mut ExprClosure) -> Option<TokenStream>;
}

/// Visits the literals that `expr` may come to. Whether there was one to replace.
pub(crate) fn visit(expr: &mut Expr, literals: &mut dyn Literals) -> bool {
    let replaced = match expr {
        Expr::Async(block) => {
            let at = block.async_token.span;
            literals.future(block.to_token_stream(), at)
        }
        Expr::Closure(closure) => literals.closure(closure),
        Expr::Paren(paren) => return visit(&mut paren.expr, literals),
        Expr::Group(group) => return visit(&mut group.expr, literals),
        Expr::Cast(cast) => return visit(&mut cast.expr, literals),
        Expr::Block(block) => return visit_block(&mut block.block, literals),
        Expr::Unsafe(block) => return visit_block(&mut block.block, literals),
        Expr::If(branch) => {
            let then = visit_block(&mut branch.then_branch, literals);
            let other = match &mut branch.else_branch {
                Some((_, other)) => visit(other, literals),
                None => false,
            };
            return then || other;
        }
        Expr::Match(branches) => {
            let mut found = false;
            for arm in &mut branches.arms {
                found |= visit(&mut arm.body, literals);
            }
            return found;
        }
        Expr::Call(call) if is_box(&call.func) && call.args.len() == 1 => {
            return call.args.iter_mut().any(|arg| visit(arg, literals));
        }
        // `async { .. }.instrument(span)`; a closure has no methods of that kind.
        Expr::MethodCall(call) => return visit_receiver(&mut call.receiver, literals),
        _ => return false,
    };
    match replaced {
        Some(tokens) => {
            *expr = Expr::Verbatim(tokens);
            true
        }
        None => false,
    }
}

fn visit_receiver(receiver: &mut Expr, literals: &mut dyn Literals) -> bool {
    match receiver {
        Expr::Closure(_) => false,
        Expr::Paren(paren) => visit_receiver(&mut paren.expr, literals),
        _ => visit(receiver, literals),
    }
}

fn visit_block(block: &mut Block, literals: &mut dyn Literals) -> bool {
    match block.stmts.last_mut() {
        Some(Stmt::Expr(tail, None)) => visit(tail, literals),
        _ => false,
    }
}

/// `Box::pin`, `Box::new`
fn is_box(function: &Expr) -> bool {
    let Expr::Path(path) = function else {
        return false;
    };
    let mut segments = path.path.segments.iter().rev();
    segments
        .next()
        .is_some_and(|last| last.ident == "pin" || last.ident == "new")
        && segments.next().is_some_and(|kind| kind.ident == "Box")
}

/// Wraps the `async` literals that a body returns, at its tail or by `return`.
pub(crate) fn wrap_returned(
    body: TokenStream,
    wrap: &dyn Fn(TokenStream, Span) -> TokenStream,
) -> Option<TokenStream> {
    let mut stmts = Block::parse_within.parse2(body).ok()?;
    let mut returned = Returned { wrap };
    let mut found = false;
    for stmt in &mut stmts {
        found |= returned.early(stmt);
    }
    if let Some(Stmt::Expr(tail, None)) = stmts.last_mut() {
        found |= visit(tail, &mut returned);
    }
    found.then(|| stmts.iter().map(ToTokens::to_token_stream).collect())
}

struct Returned<'a> {
    wrap: &'a dyn Fn(TokenStream, Span) -> TokenStream,
}

impl Literals for Returned<'_> {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream> {
        Some((self.wrap)(literal, at))
    }

    fn closure(&mut self, _: &mut ExprClosure) -> Option<TokenStream> {
        None
    }
}

impl Returned<'_> {
    /// Early returns, in the branches and blocks of a body.
    fn early(&mut self, stmt: &mut Stmt) -> bool {
        match stmt {
            Stmt::Expr(expr, _) => self.early_expr(expr),
            Stmt::Local(local) => local.init.as_mut().is_some_and(|init| {
                let diverges = match &mut init.diverge {
                    Some((_, diverge)) => self.early_expr(diverge),
                    None => false,
                };
                self.early_expr(&mut init.expr) || diverges
            }),
            _ => false,
        }
    }

    fn early_block(&mut self, block: &mut Block) -> bool {
        let mut found = false;
        for stmt in &mut block.stmts {
            found |= self.early(stmt);
        }
        found
    }

    fn early_expr(&mut self, expr: &mut Expr) -> bool {
        match expr {
            Expr::Return(early) => match &mut early.expr {
                Some(value) => visit(value, self),
                None => false,
            },
            Expr::Block(block) => self.early_block(&mut block.block),
            Expr::Unsafe(block) => self.early_block(&mut block.block),
            Expr::ForLoop(block) => self.early_block(&mut block.body),
            Expr::While(block) => self.early_block(&mut block.body),
            Expr::Loop(block) => self.early_block(&mut block.body),
            Expr::If(branch) => {
                let then = self.early_block(&mut branch.then_branch);
                match &mut branch.else_branch {
                    Some((_, other)) => self.early_expr(other) || then,
                    None => then,
                }
            }
            Expr::Match(branches) => {
                let mut found = false;
                for arm in &mut branches.arms {
                    found |= self.early_expr(&mut arm.body);
                }
                found
            }
            _ => false,
        }
    }
}

/// The place of an expression, for tokens that stand in place of it.
pub(crate) fn last_span(expr: &Expr) -> Span {
    let last = expr.to_token_stream().into_iter().last();
    last.map_or_else(|| expr.span(), |tree| tree.span())
}
