//! Decides which expressions may be jobs, and how each is passed to the dispatch by type.

use syn::{Block, Expr, ExprCall, ExprPath, Stmt, UnOp};

use crate::syntax::diverging;
use crate::syntax::literals::is_box;

/// The form of a spawner's argument, judging by its syntax.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// A variable or a field. It is not moved before the call, so that the call reborrows a reference.
    Place,
    /// Another expression with a type of its own.
    Computed,
    /// A box of a value.
    InBox,
    /// Never evaluates to a value.
    Diverges,
    /// Not a job, or an expression whose type is inferred from the called function.
    Untouched,
}

/// Functions and methods whose result type is inferred from its use.
const INFERRED: &[&str] = &[
    "cast",
    "collect",
    "decode",
    "default",
    "deserialize",
    "from_bytes",
    "from_reader",
    "from_slice",
    "from_str",
    "from_value",
    "into",
    "parse",
    "product",
    "sum",
    "transmute",
    "try_into",
    "unwrap_or_default",
    "zeroed",
];

/// Methods whose result type is inferred if that of the receiver is.
const TRANSPARENT: &[&str] = &[
    "clone",
    "context",
    "expect",
    "map_err",
    "ok",
    "ok_or",
    "ok_or_else",
    "unwrap",
    "unwrap_or",
    "unwrap_or_else",
    "with_context",
];

/// Methods whose result type is inferred from the called function if the result is passed directly, but not if
/// another method is called on it.
const INFERRED_AT_THE_END: &[&str] = &["as_mut", "as_ref"];

/// Constructors of types that are not jobs, whatever they contain.
const IN_OTHERS: &[&str] = &["Err", "Ok", "Some"];

pub(super) fn form(expr: &Expr) -> Form {
    match expr {
        Expr::Paren(paren) => form(&paren.expr),
        Expr::Group(group) => form(&group.expr),
        Expr::Path(path) => of_path(path),
        Expr::Field(field) => match form(&field.base) {
            Form::Place => Form::Place,
            Form::Untouched => Form::Untouched,
            _ => Form::Computed,
        },
        Expr::Reference(reference) => match form(&reference.expr) {
            Form::Untouched => Form::Untouched,
            _ => Form::Computed,
        },
        Expr::Call(call) if is_box(&call.func) && call.args.len() == 1 => match form(&call.args[0])
        {
            Form::Place | Form::Computed | Form::InBox => Form::InBox,
            other => other,
        },
        Expr::Call(call) => of_call(call),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
            computed_unless_untouched(&unary.expr)
        }
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            if call.turbofish.is_some() {
                Form::Computed
            } else if INFERRED.contains(&name.as_str())
                || INFERRED_AT_THE_END.contains(&name.as_str())
            {
                Form::Untouched
            } else if TRANSPARENT.contains(&name.as_str()) {
                computed_unless_untouched(&call.receiver)
            } else {
                Form::Computed
            }
        }
        Expr::Await(awaited) => computed_unless_untouched(&awaited.base),
        Expr::Try(tried) => computed_unless_untouched(&tried.expr),
        Expr::Macro(call) if diverging::is_macro(&call.mac) => Form::Diverges,
        Expr::Index(_) | Expr::Macro(_) => Form::Computed,
        Expr::Cast(cast) => computed_unless_untouched(&cast.expr),
        Expr::Block(block) => of_block(&block.block),
        Expr::Unsafe(block) => of_block(&block.block),
        Expr::If(branch) => match &branch.else_branch {
            Some((_, other)) => of_branches([of_block(&branch.then_branch), form(other)]),
            None => Form::Untouched,
        },
        Expr::Match(branches) => of_branches(branches.arms.iter().map(|arm| form(&arm.body))),
        Expr::Break(_) | Expr::Continue(_) | Expr::Return(_) => Form::Diverges,
        _ => Form::Untouched,
    }
}

/// Constructors and constants are not jobs.
fn of_path(path: &ExprPath) -> Form {
    let last = path.path.segments.last().map(|last| last.ident.to_string());
    let is_upper = |name: String| {
        name.trim_start_matches("r#")
            .starts_with(char::is_uppercase)
    };
    if last.is_none_or(is_upper) {
        Form::Untouched
    } else {
        Form::Place
    }
}

fn of_call(call: &ExprCall) -> Form {
    let Expr::Path(function) = &*call.func else {
        return Form::Computed;
    };
    let Some(last) = function.path.segments.last() else {
        return Form::Untouched;
    };
    let is_inferred = INFERRED.iter().any(|name| last.ident == name) && last.arguments.is_none();
    let is_constructor = of_path(function) == Form::Untouched;
    if is_inferred || (is_constructor && !makes_a_job(&last.ident.to_string(), call)) {
        Form::Untouched
    } else {
        Form::Computed
    }
}

/// Whether the value of a constructor has a type of its own, such as an `Either` of futures, because the
/// arguments are not coerced.
fn makes_a_job(constructor: &str, call: &ExprCall) -> bool {
    let is_given = |arg: &Expr| {
        matches!(arg, Expr::Lit(_) | Expr::Async(_))
            || matches!(form(arg), Form::Place | Form::Computed)
    };
    !call.args.is_empty() && !IN_OTHERS.contains(&constructor) && call.args.iter().all(is_given)
}

fn computed_unless_untouched(inner: &Expr) -> Form {
    if let Expr::MethodCall(call) = inner {
        if INFERRED_AT_THE_END.iter().any(|name| call.method == name) {
            return Form::Computed;
        }
    }
    match form(inner) {
        Form::Untouched => Form::Untouched,
        Form::Diverges => Form::Diverges,
        _ => Form::Computed,
    }
}

fn of_block(block: &Block) -> Form {
    match block.stmts.last() {
        Some(Stmt::Expr(tail, None)) => computed_unless_untouched(tail),
        Some(Stmt::Macro(tail)) if tail.semi_token.is_none() => Form::Computed,
        Some(Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _)) => Form::Diverges,
        _ => Form::Untouched,
    }
}

fn of_branches(branches: impl IntoIterator<Item = Form>) -> Form {
    let mut all = Form::Diverges;
    for branch in branches {
        match branch {
            Form::Untouched => return Form::Untouched,
            Form::Diverges => {}
            _ => all = Form::Computed,
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Form {
        form(&syn::parse_str(text).unwrap())
    }

    #[test]
    fn a_job_is_a_variable_or_an_expression_with_a_type() {
        for place in ["job", "self.job", "a.b.c", "(job)", "jobs::run"] {
            assert_eq!(of(place), Form::Place, "{place}");
        }
        for computed in [
            "job()",
            "self.job()",
            "&job",
            "jobs[0]",
            "job().await?",
            "f::<u8>().boxed()",
            "if a { job() } else { return }",
            "match a { B => job(), C => panic!() }",
            "text.parse::<Job>()?",
            "job!(1)",
            "job.as_ref().unwrap().clone()",
            "*job",
            "&*job",
            "&mut *job",
            "Either::Left(job())",
            "Either::Left(async { 1 })",
            "Job(1, job)",
        ] {
            assert_eq!(of(computed), Form::Computed, "{computed}");
        }
        for boxed in [
            "Box::new(job)",
            "Box::pin(job())",
            "std::boxed::Box::new(a.b)",
        ] {
            assert_eq!(of(boxed), Form::InBox, "{boxed}");
        }
    }

    #[test]
    fn literals_constructors_and_inferred_values_are_not_jobs() {
        for untouched in [
            "None",
            "Default::default()",
            "a.into()",
            "a.as_ref()",
            "a.parse()?",
            "a.try_into().unwrap()",
            "serde_json::from_str(a)?",
            "if a { b.into() } else { c }",
            "Box::new(Default::default())",
            "(a, b)",
            "5",
            "Enemy",
            "Enemy { a: 1 }",
            "Some(job)",
            "Job(a.into())",
            "Job(Box::new(a))",
            "Job(|| a)",
            "Unit()",
            "!a",
            "[job()]",
            "a + b",
            "&mut Default::default()",
        ] {
            assert_eq!(of(untouched), Form::Untouched, "{untouched}");
        }
    }
}
