//! Recognizes expressions that never evaluate to a value, by their syntax.

use syn::{Block, Expr, Macro, Stmt};

use crate::syntax::tokens::mentions;

/// Macros that never evaluate to a value.
const MACROS: &[&str] = &["panic", "todo", "unimplemented", "unreachable"];

/// Functions of `std::process` that never return.
const FUNCTIONS: &[&str] = &["abort", "exit"];

pub(crate) fn stmt(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Expr(found, _) => expr(found),
        Stmt::Macro(call) => is_macro(&call.mac),
        _ => false,
    }
}

fn expr(found: &Expr) -> bool {
    match found {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Paren(paren) => expr(&paren.expr),
        Expr::Group(group) => expr(&group.expr),
        Expr::Block(found) if found.label.is_none() => block(&found.block),
        Expr::Unsafe(found) => block(&found.block),
        Expr::If(branch) => {
            let other = branch.else_branch.as_ref();
            block(&branch.then_branch) && other.is_some_and(|(_, other)| expr(other))
        }
        Expr::Match(branches) => branches.arms.iter().all(|arm| expr(&arm.body)),
        Expr::Loop(found) => !mentions(quote::ToTokens::to_token_stream(&found.body), "break"),
        Expr::Macro(call) => is_macro(&call.mac),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                let mut segments = path.path.segments.iter().rev();
                segments
                    .next()
                    .is_some_and(|last| FUNCTIONS.iter().any(|name| last.ident == name))
                    && segments
                        .next()
                        .is_some_and(|module| module.ident == "process")
            }
            _ => false,
        },
        _ => false,
    }
}

fn block(found: &Block) -> bool {
    found.stmts.last().is_some_and(stmt)
}

pub(crate) fn is_macro(call: &Macro) -> bool {
    let last = call.path.segments.last();
    last.is_some_and(|last| MACROS.iter().any(|name| last.ident == name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn recognizes_diverging_statements() {
        let is = |text: &str| super::stmt(&syn::parse_str(text).unwrap());
        for never in [
            "return 1;",
            "if a { return 1; } else { panic!() }",
            "match a { A => return 1, B => unreachable!() }",
            "loop { work(); }",
            "{ std::process::exit(1) }",
            "todo!();",
            "(return 1);",
            "unsafe { return 1; }",
            "continue;",
        ] {
            assert!(is(never), "{never}");
        }
        for ends in [
            "work();",
            "if a { return 1; }",
            "match a { A => return 1, B => 2 };",
            "loop { break; }",
            "exit(1);",
            "other::exit(1);",
            "process::other(1);",
            "'a: { return 1; }",
            "{ work(); }",
            "if a { work(); } else { return 1; }",
        ] {
            assert!(!is(ends), "{ends}");
        }
    }
}
