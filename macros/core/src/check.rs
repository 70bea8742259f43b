//! Every rule about where the attributes may stand and what they may say, and every error text.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Path, Result};

use crate::args::Args;

/// The arguments, as an error lists them.
const KNOWN: &str = "`crate = path`, `spawn(path, ..)`, `spawn_blocking(path, ..)`, \
    `set(VAR = expr, ..)`, `detached`, `span`, `skip_fn` and `skip`";

// Arguments.

pub(crate) fn once(given: bool, name: &str, span: Span) -> Result<()> {
    if given {
        let text = format!("`{name}` is given twice: put all of it into one");
        return Err(Error::new(span, text));
    }
    Ok(())
}

pub(crate) fn flag_twice(name: &Ident) -> Error {
    Error::new(
        name.span(),
        format!("`{name}` is given twice: remove one of them"),
    )
}

pub(crate) fn unknown_argument(name: &str, span: Span) -> Error {
    Error::new(
        span,
        format!("unknown argument `{name}`: there are {KNOWN}"),
    )
}

pub(crate) fn expected_argument(span: Span) -> Error {
    Error::new(
        span,
        format!("expected the name of an argument: there are {KNOWN}"),
    )
}

pub(crate) fn arguments_want_commas(span: Span) -> Error {
    Error::new(span, "expected `,` between two arguments")
}

pub(crate) fn takes_no_value(name: &str, span: Span) -> Error {
    Error::new(
        span,
        format!("`{name}` takes no value: write `{name}` alone"),
    )
}

pub(crate) fn crate_wants_path(span: Span) -> Error {
    Error::new(
        span,
        "`crate` wants the path of this crate: write `crate = some::path`",
    )
}

pub(crate) fn wants_paths(name: &str, span: Span) -> Error {
    let text = format!("`{name}` wants the functions to look for: write `{name}(some::path, ..)`");
    Error::new(span, text)
}

pub(crate) fn set_wants_assignments(span: Span) -> Error {
    Error::new(
        span,
        "`set` wants variables and values: write `set(VAR = expr, ..)`",
    )
}

// Targets.

/// What holds for the arguments of an attribute on a function.
pub(crate) fn function_args(args: &Args) -> Result<()> {
    if let Some(skip) = args.skip {
        let text = "`skip` has nothing to skip here: it goes on a member of an annotated `impl`, \
            `trait` or `mod`, or on a statement of an annotated function";
        return Err(Error::new(skip, text));
    }
    if let Some(skip_fn) = args.skip_fn {
        if args.detached.is_some() || !args.set.is_empty() {
            let text = "`skip_fn` leaves the function itself alone, which `detached` and `set` \
                change: remove one of them";
            return Err(Error::new(skip_fn, text));
        }
    }
    Ok(())
}

/// What holds for the arguments of an attribute on a block of functions.
pub(crate) fn block_args(args: &Args, target: &str) -> Result<()> {
    function_args(args)?;
    if let Some(first) = args.set.first() {
        let text = format!(
            "`set` takes its values from the arguments of one function: move it from the \
             `{target}` to that function"
        );
        return Err(Error::new(first.variable.span(), text));
    }
    Ok(())
}

/// A second attribute of ours on the same item.
pub(crate) fn single(attrs: &[Attribute], ours: &str) -> Result<()> {
    for attr in attrs {
        let Some(name) = attr.path().segments.last().map(|last| &last.ident) else {
            continue;
        };
        let text = if name == ours {
            format!("`#[{ours}]` is here twice: put the arguments of both into one")
        } else if name == "context_entry" || name == "propagate_context" {
            "`#[context_entry]` does all that `#[propagate_context]` does: remove \
             `#[propagate_context]`"
                .to_owned()
        } else {
            continue;
        };
        return Err(Error::new(name.span(), text));
    }
    Ok(())
}

pub(crate) fn const_fn_with_context(keyword: Span) -> Error {
    let text = "a `const fn` has no context to carry along: remove `const`, or the attribute";
    Error::new(keyword, text)
}

pub(crate) fn wrong_target(what: &str, keyword: Span) -> Error {
    let text = format!(
        "`#[propagate_context]` goes on a function, an `impl` block, a `trait` or an inline \
         `mod`, not on {what}: remove it"
    );
    Error::new(keyword, text)
}

pub(crate) fn module_elsewhere(name: &Ident) -> Error {
    let text = format!(
        "`mod {name}` has its items in another file, which the attribute does not see: put \
         `#[propagate_context]` on the items"
    );
    Error::new(name.span(), text)
}

pub(crate) fn unreadable_function(span: Span) -> Error {
    Error::new(
        span,
        "`#[propagate_context]` cannot read this signature: remove the attribute",
    )
}

/// A spawner of the user's that the function does not call: a typing error, most likely.
pub(crate) fn spawner_not_called(path: &Path) -> Error {
    let (name, span) = match path.segments.last() {
        Some(last) => (last.ident.to_string(), last.ident.span()),
        None => (String::new(), path.span()),
    };
    let text =
        format!("nothing here calls `{name}` by this name: write it as the calls do, or remove it");
    Error::new(span, text)
}

// Marks in a body.

pub(crate) fn mark_wants_closure(span: Span) -> Error {
    let text = "`#[propagate_context]` inside an annotated function goes on a closure or an \
        `async` block; to leave a statement alone write `#[propagate_context(skip)]`";
    Error::new(span, text)
}

pub(crate) fn mark_wants_move(span: Span) -> Error {
    let text = "a marked closure with parameters keeps the context beside what it captures: write \
        `move |..|`, and borrow before it what it should not take";
    Error::new(span, text)
}

pub(crate) fn mark_on_async_closure(span: Span) -> Error {
    let text = "an `async` closure cannot be marked: write `move || async move { .. }`";
    Error::new(span, text)
}

pub(crate) fn mark_argument(span: Span) -> Error {
    Error::new(
        span,
        "`#[propagate_context]` takes `skip` or `detached` inside an annotated function: what is \
         said of the function itself goes on the function",
    )
}

pub(crate) fn mark_beside_detached(span: Span) -> Error {
    Error::new(
        span,
        "`#[detached]` goes on a spawn: on a closure or an `async` block write \
         `#[propagate_context(detached)]` alone",
    )
}

pub(crate) fn mark_on_nothing(span: Span) -> Error {
    Error::new(
        span,
        "a mark goes on a statement, an expression, an arm of a `match` or a field with its value: \
         put it on the expression that spawns",
    )
}

pub(crate) fn detached_takes_nothing(span: Span) -> Error {
    Error::new(
        span,
        "`#[detached]` takes no arguments: write `#[detached]` alone",
    )
}

pub(crate) fn nothing_to_detach(span: Span) -> Error {
    let text = "`#[detached]` finds no spawn that it knows here: wrap what is spawned in \
        `Context::empty().scope(..)`, or name the function in `#[propagate_context(spawn(..))]`";
    Error::new(span, text)
}

pub(crate) fn expansion_failed() -> Error {
    let text = "`#[propagate_context]` failed on this item, which is a defect of ours: remove it \
        here and report the item";
    Error::new(Span::call_site(), text)
}
