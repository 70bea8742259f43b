//! Visits the values that a body returns with `return`, in the branches and blocks of its statements.

use syn::{Block, Expr, Stmt};

/// Visits the values of `return` in `stmt`. Returns whether `each` changed one.
pub(crate) fn visit(stmt: &mut Stmt, each: &mut dyn FnMut(&mut Expr) -> bool) -> bool {
    match stmt {
        Stmt::Expr(expr, _) => visit_expr(expr, each),
        Stmt::Local(local) => local.init.as_mut().is_some_and(|init| {
            let diverges = match &mut init.diverge {
                Some((_, diverge)) => visit_expr(diverge, each),
                None => false,
            };
            visit_expr(&mut init.expr, each) || diverges
        }),
        _ => false,
    }
}

fn visit_block(block: &mut Block, each: &mut dyn FnMut(&mut Expr) -> bool) -> bool {
    let mut found = false;
    for stmt in &mut block.stmts {
        found |= visit(stmt, each);
    }
    found
}

fn visit_expr(expr: &mut Expr, each: &mut dyn FnMut(&mut Expr) -> bool) -> bool {
    match expr {
        Expr::Return(early) => match &mut early.expr {
            Some(value) => each(value),
            None => false,
        },
        Expr::Block(block) => visit_block(&mut block.block, each),
        Expr::Unsafe(block) => visit_block(&mut block.block, each),
        Expr::ForLoop(block) => visit_block(&mut block.body, each),
        Expr::While(block) => visit_block(&mut block.body, each),
        Expr::Loop(block) => visit_block(&mut block.body, each),
        Expr::If(branch) => {
            let then = visit_block(&mut branch.then_branch, each);
            match &mut branch.else_branch {
                Some((_, other)) => visit_expr(other, each) || then,
                None => then,
            }
        }
        Expr::Match(branches) => {
            let mut found = false;
            for arm in &mut branches.arms {
                found |= visit_expr(&mut arm.body, each);
            }
            found
        }
        _ => false,
    }
}
