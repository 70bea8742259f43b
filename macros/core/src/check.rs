//! The rules about where the attribute is allowed and which arguments can be combined. The error texts are in
//! [`crate::error`].

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Path, Result};

use crate::args::Args;
use crate::error;

/// Checks the arguments of an attribute on a function.
pub(crate) fn function_args(args: &Args) -> Result<()> {
    if let Some(skip) = args.skip {
        return Err(error::skip_on_function(skip));
    }
    if let Some(skip_fn) = args.skip_fn {
        if args.detached.is_some() || !args.set.is_empty() {
            return Err(error::skip_fn_conflict(skip_fn));
        }
    }
    Ok(())
}

/// Checks the arguments of an attribute on an `impl`, a `trait` or a `mod`.
pub(crate) fn block_args(args: &Args, target: &str) -> Result<()> {
    function_args(args)?;
    match args.set.first() {
        Some(first) => Err(error::set_on_block(target, first.variable.span())),
        None => Ok(()),
    }
}

/// Checks that the cargo features that the arguments require are enabled.
pub(crate) fn features(args: &Args) -> Result<()> {
    match args.span {
        Some(span) => requires("span", "tracing", cfg!(feature = "tracing"), span),
        None => Ok(()),
    }
}

/// Returns an error if the cargo feature of the runtime that `argument` requires is disabled.
fn requires(argument: &str, feature: &str, is_on: bool, span: Span) -> Result<()> {
    if is_on {
        Ok(())
    } else {
        Err(error::requires_feature(argument, feature, span))
    }
}

/// Returns an error if the item has a second attribute of this crate.
pub(crate) fn single(attrs: &[Attribute], ours: &str) -> Result<()> {
    for attr in attrs {
        let Some(name) = attr.path().segments.last().map(|last| &last.ident) else {
            continue;
        };
        if name == ours {
            return Err(error::duplicate_attribute(ours, name.span()));
        }
        if name == "context_entry" || name == "propagate_context" {
            return Err(error::covered_by_entry(name.span()));
        }
    }
    Ok(())
}

/// Returns an error if the user has named a spawner that the function does not call.
pub(crate) fn all_called(uncalled: Option<&Path>) -> Result<()> {
    let Some(path) = uncalled else {
        return Ok(());
    };
    let (name, span) = match path.segments.last() {
        Some(last) => (last.ident.to_string(), last.ident.span()),
        None => (String::new(), path.span()),
    };
    Err(error::spawner_not_called(&name, span))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without this error, the compiler would report that a hidden item is missing.
    #[test]
    fn the_error_names_the_required_feature() {
        let error = requires("span", "tracing", false, Span::call_site()).unwrap_err();
        let expected = "`span` requires the feature `tracing` of `propagate-context`; enable it in `Cargo.toml`";
        assert_eq!(error.to_string(), expected);
        assert!(requires("span", "tracing", true, Span::call_site()).is_ok());
    }
}
