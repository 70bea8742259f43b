//! Visits the literals that an expression may evaluate to: the `async` blocks and closures at its end, inside
//! parentheses, blocks, branches and boxes, and before method calls.
//!
//! Only literals are considered, because their types have no names: they can be replaced by a value of another
//! type that implements the same traits. If a function returns a boxed future, this also applies to any other
//! value that the function boxes, because the box erases its type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, ExprClosure, ExprMethodCall, Macro, Stmt, Token};

/// The replacements of literals. A method that returns `None` leaves the literal unchanged.
pub(crate) trait Literals {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream>;
    fn closure(&mut self, closure: &mut ExprClosure) -> Option<TokenStream>;

    /// Replaces a value that is boxed and pinned, and is not a literal.
    fn pinned(&mut self, _value: &Expr) -> Option<TokenStream> {
        None
    }

    /// Whether to visit the values inside constructors, tuples, arrays and struct expressions.
    fn visits_parts(&self) -> bool {
        false
    }

    /// Called for each variable.
    fn variable(&mut self, _name: &Ident) {}
}

/// Visits the literals that `expr` may evaluate to. Returns whether one was replaced.
pub(crate) fn visit(expr: &mut Expr, literals: &mut dyn Literals) -> bool {
    let replaced = match expr {
        Expr::Async(block) => {
            let at = block.async_token.span;
            literals.future(block.to_token_stream(), at)
        }
        Expr::Closure(closure) => literals.closure(closure),
        Expr::Paren(paren) => {
            let found = visit(&mut paren.expr, literals);
            if found {
                // Lints about the parentheses around generated code would be wrong.
                *expr = (*paren.expr).clone();
            }
            return found;
        }
        Expr::Group(group) => return visit(&mut group.expr, literals),
        // A closure may be cast to a function pointer, which captures nothing.
        Expr::Cast(cast) if is_closure(&cast.expr) => return false,
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
            return call.args.iter_mut().any(|arg| {
                visit(arg, literals) || (is_pin(&call.func) && replace_pinned(arg, literals))
            });
        }
        Expr::Path(path) => {
            if let Some(name) = path.path.get_ident() {
                literals.variable(name);
            }
            return false;
        }
        Expr::Call(call) if literals.visits_parts() && is_constructor(&call.func) => {
            return visit_each(call.args.iter_mut(), literals);
        }
        Expr::Tuple(tuple) if literals.visits_parts() => {
            return visit_each(tuple.elems.iter_mut(), literals);
        }
        Expr::Array(array) if literals.visits_parts() => {
            return visit_each(array.elems.iter_mut(), literals);
        }
        Expr::Macro(list) if literals.visits_parts() && list.mac.path.is_ident("vec") => {
            return visit_list(&mut list.mac, literals);
        }
        Expr::Struct(made) if literals.visits_parts() => {
            return visit_each(
                made.fields.iter_mut().map(|field| &mut field.expr),
                literals,
            );
        }
        // `async { .. }.instrument(span)`; a closure has no methods of that kind.
        Expr::MethodCall(call) => {
            return visit_receiver(&mut call.receiver, &mut Bare(literals))
                || (is_boxing(call) && replace_pinned(&mut call.receiver, literals));
        }
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

fn visit_each<'e>(parts: impl Iterator<Item = &'e mut Expr>, literals: &mut dyn Literals) -> bool {
    parts.fold(false, |found, part| found | visit(part, literals))
}

/// `vec![a, b]`
fn visit_list(list: &mut Macro, literals: &mut dyn Literals) -> bool {
    let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
    let Ok(mut parts) = parse.parse2(list.tokens.clone()) else {
        return false;
    };
    let found = visit_each(parts.iter_mut(), literals);
    if found {
        list.tokens = parts.into_token_stream();
    }
    found
}

/// `Some`, `Result::Ok`
fn is_constructor(function: &Expr) -> bool {
    let Expr::Path(path) = function else {
        return false;
    };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase))
}

/// Visits the values that the branches of `expr` may evaluate to, except for literals that have been replaced
/// already. Returns whether `each` changed one.
pub(crate) fn visit_branches(expr: &mut Expr, each: &mut dyn FnMut(&mut Expr) -> bool) -> bool {
    let block =
        |block: &mut Block, each: &mut dyn FnMut(&mut Expr) -> bool| match block.stmts.last_mut() {
            Some(Stmt::Expr(tail, None)) => visit_branch(tail, each),
            _ => false,
        };
    match expr {
        Expr::Group(group) => visit_branches(&mut group.expr, each),
        Expr::Block(found) => block(&mut found.block, each),
        Expr::Unsafe(found) => block(&mut found.block, each),
        Expr::If(branch) => {
            let then = block(&mut branch.then_branch, each);
            match &mut branch.else_branch {
                Some((_, other)) => visit_branches(other, each) || then,
                None => then,
            }
        }
        Expr::Match(branches) => {
            let mut found = false;
            for arm in &mut branches.arms {
                found |= visit_branch(&mut arm.body, each);
            }
            found
        }
        _ => false,
    }
}

fn visit_branch(expr: &mut Expr, each: &mut dyn FnMut(&mut Expr) -> bool) -> bool {
    match expr {
        Expr::Paren(paren) => {
            let found = visit_branch(&mut paren.expr, each);
            if found {
                *expr = (*paren.expr).clone();
            }
            found
        }
        Expr::Group(group) => visit_branch(&mut group.expr, each),
        Expr::Block(_) | Expr::Unsafe(_) | Expr::If(_) | Expr::Match(_) => {
            visit_branches(expr, each)
        }
        leaf if is_replaced(leaf) => false,
        leaf => each(leaf),
    }
}

/// Whether a literal at the beginning of `expr` has been replaced.
fn is_replaced(expr: &Expr) -> bool {
    match expr {
        Expr::Verbatim(_) => true,
        Expr::Paren(paren) => is_replaced(&paren.expr),
        Expr::Group(group) => is_replaced(&group.expr),
        Expr::MethodCall(call) => is_replaced(&call.receiver),
        _ => false,
    }
}

/// Visits literals, but not pinned values: a method may belong to the type of the pinned value.
struct Bare<'a>(&'a mut dyn Literals);

impl Literals for Bare<'_> {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream> {
        self.0.future(literal, at)
    }

    fn closure(&mut self, closure: &mut ExprClosure) -> Option<TokenStream> {
        self.0.closure(closure)
    }
}

fn replace_pinned(value: &mut Expr, literals: &mut dyn Literals) -> bool {
    match literals.pinned(value) {
        Some(tokens) => {
            *value = Expr::Verbatim(tokens);
            true
        }
        None => false,
    }
}

fn is_closure(expr: &Expr) -> bool {
    match expr {
        Expr::Closure(_) => true,
        Expr::Paren(paren) => is_closure(&paren.expr),
        Expr::Group(group) => is_closure(&group.expr),
        _ => false,
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

/// `Box::pin(..)`, `Box::new(..)`, and what pins a box: `Box::into_pin(..)`, `Pin::from(..)`, `Pin::new(..)`.
pub(crate) fn is_box(function: &Expr) -> bool {
    ["pin", "new", "into_pin"]
        .iter()
        .any(|name| is_function_of(function, "Box", name))
        || ["from", "new"]
            .iter()
            .any(|name| is_function_of(function, "Pin", name))
}

fn is_pin(function: &Expr) -> bool {
    is_function_of(function, "Box", "pin")
}

fn is_function_of(function: &Expr, kind: &str, name: &str) -> bool {
    let Expr::Path(path) = function else {
        return false;
    };
    let mut segments = path.path.segments.iter().rev();
    segments.next().is_some_and(|last| last.ident == name)
        && segments.next().is_some_and(|found| found.ident == kind)
}

/// Whether the call is `.boxed()` or `.boxed_local()` of the extension traits for futures and streams.
fn is_boxing(call: &ExprMethodCall) -> bool {
    call.args.is_empty() && (call.method == "boxed" || call.method == "boxed_local")
}
