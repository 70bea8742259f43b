//! All error texts of `#[propagate_context]`, in one form: what is wrong, with the user's tokens in backticks;
//! then the fix.
//!
//! This module imports nothing from this crate.

use std::any::Any;

use proc_macro2::{Ident, Span};
use syn::Error;

/// The arguments as errors list them. Each starts with its name.
const ARGUMENTS: &[&str] = &[
    "crate = path",
    "spawn(path, ..)",
    "spawn_blocking(path, ..)",
    "set(VAR = expr, ..)",
    "detached",
    "span",
    "skip_fn",
    "skip",
];

/// The names of the arguments that only `#[context_entry]` accepts.
const ENTRY_ARGUMENTS: &[&str] = &[
    "header", "vars", "generate", "required", "echo", "trust", "carrier", "keeping", "layer",
];

// Arguments.

pub(crate) fn duplicate_argument(name: &str, span: Span) -> Error {
    Error::new(span, format!("duplicate argument `{name}`"))
}

pub(crate) fn unknown_argument(name: &Ident) -> Error {
    let text = name.to_string();
    if ENTRY_ARGUMENTS.contains(&text.as_str()) {
        let text =
            format!("`{name}` is an argument of `#[context_entry]`, not of `#[propagate_context]`");
        return Error::new(name.span(), text);
    }
    unknown_among(name, ARGUMENTS)
}

/// The error for an argument that is not in `known`. It suggests the nearest known name, and lists all
/// arguments.
pub(crate) fn unknown_among(name: &Ident, known: &[&str]) -> Error {
    let text = name.to_string();
    let nearest = known
        .iter()
        .map(|usage| name_of(usage))
        .map(|known| {
            let lengths = text.len().abs_diff(known.len());
            (distance(&text, known), lengths, known)
        })
        .filter(|(distance, _, known)| *distance <= known.len().div_ceil(3))
        .min();
    let hint = nearest.map_or_else(String::new, |(_, _, known)| {
        format!(", did you mean `{known}`?")
    });
    let separator = if hint.is_empty() { ";" } else { "" };
    let text = format!(
        "unknown argument `{name}`{hint}{separator} supported arguments: {}",
        listed(known)
    );
    Error::new(name.span(), text)
}

pub(crate) fn expected_argument(span: Span) -> Error {
    expected_among(span, ARGUMENTS)
}

/// The error for a token that is not the name of an argument.
pub(crate) fn expected_among(span: Span, known: &[&str]) -> Error {
    Error::new(span, format!("expected one of {}", listed(known)))
}

pub(crate) fn expected_comma(span: Span) -> Error {
    Error::new(span, "expected `,` between arguments")
}

pub(crate) fn takes_no_value(name: &str, span: Span) -> Error {
    Error::new(span, format!("`{name}` takes no value; write `{name}`"))
}

pub(crate) fn expected_crate_path(span: Span) -> Error {
    Error::new(
        span,
        "expected `crate = path`, such as `crate = my_crate::propagate_context`",
    )
}

pub(crate) fn expected_paths(name: &str, span: Span) -> Error {
    Error::new(span, format!("expected `{name}(path, ..)`"))
}

pub(crate) fn expected_assignments(span: Span) -> Error {
    Error::new(span, "expected `set(VAR = expr, ..)`")
}

/// The error for an argument that requires a disabled cargo feature.
pub(crate) fn requires_feature(argument: &str, feature: &str, span: Span) -> Error {
    let text = format!(
        "`{argument}` requires the feature `{feature}` of `propagate-context`; enable it in `Cargo.toml`"
    );
    Error::new(span, text)
}

pub(crate) fn skip_on_function(span: Span) -> Error {
    let text = "`skip` is only supported on members of an annotated impl block, trait or module, and on statements \
        of an annotated function; remove the attribute to leave this alone";
    Error::new(span, text)
}

pub(crate) fn skip_fn_conflict(span: Span) -> Error {
    let text = "`skip_fn` cannot be combined with `detached` or `set`, which change the function itself; remove \
        one of them";
    Error::new(span, text)
}

pub(crate) fn set_on_block(target: &str, span: Span) -> Error {
    let text = format!(
        "`set` refers to the arguments of one function; move it from the `{target}` to the function"
    );
    Error::new(span, text)
}

pub(crate) fn duplicate_attribute(ours: &str, span: Span) -> Error {
    let text = format!("duplicate attribute `#[{ours}]`; merge the arguments into one");
    Error::new(span, text)
}

pub(crate) fn covered_by_entry(span: Span) -> Error {
    let text = "`#[context_entry]` does everything that `#[propagate_context]` does; remove `#[propagate_context]`";
    Error::new(span, text)
}

// Targets.

pub(crate) fn const_fn(keyword: Span) -> Error {
    Error::new(
        keyword,
        "cannot be applied to a `const fn`; remove `const` or the attribute",
    )
}

pub(crate) fn wrong_target(what: &str, keyword: Span) -> Error {
    // An attribute on a trait may generate a `struct` with the attributes of the trait, as `mockall::automock`
    // does.
    let copied = match what {
        "a `struct`" => ", or put it above the attribute that copies it there",
        _ => "",
    };
    let text = format!(
        "`#[propagate_context]` is only supported on functions, impl blocks, traits and modules; remove it from \
        {what}{copied}"
    );
    Error::new(keyword, text)
}

pub(crate) fn module_in_another_file(name: &Ident) -> Error {
    let text = format!(
        "cannot be applied to `mod {name};`, whose items are in another file; annotate the items there"
    );
    Error::new(name.span(), text)
}

pub(crate) fn unreadable_function(span: Span) -> Error {
    let text = "`#[propagate_context]` cannot parse this signature; remove the attribute";
    Error::new(span, text)
}

/// The error for a spawner that the user has named and the function does not call. Either the path is
/// misspelled, or an attribute above has moved the body to a function that is not annotated. The two cases
/// cannot be distinguished here.
pub(crate) fn spawner_not_called(name: &str, span: Span) -> Error {
    let text = format!(
        "no call of `{name}` in this function; write the path as the call does, remove it, or put this attribute above \
        the attribute that moves the body"
    );
    Error::new(span, text)
}

// Attributes in a body.

pub(crate) fn expected_closure(span: Span) -> Error {
    let text = "`#[propagate_context]` in a body is only supported on closures and `async` blocks; write \
        `#[propagate_context(skip)]` to leave a statement alone";
    Error::new(span, text)
}

pub(crate) fn expected_move(span: Span) -> Error {
    let text = "an annotated closure with parameters must be `move`; to keep a value, \
        bind a reference to it before the closure";
    Error::new(span, text)
}

pub(crate) fn argument_in_body(span: Span) -> Error {
    let text =
        "expected `skip` or `detached`; other arguments belong to the attribute of the function";
    Error::new(span, text)
}

pub(crate) fn beside_detached(span: Span) -> Error {
    let text = "`#[detached]` is only supported on spawns; write `#[propagate_context(detached)]` on a closure or an \
        `async` block";
    Error::new(span, text)
}

pub(crate) fn unsupported_place(span: Span) -> Error {
    let text = "attributes in a body are only supported on statements, expressions, match arms and fields; move it \
        to the expression that spawns";
    Error::new(span, text)
}

pub(crate) fn detached_takes_nothing(span: Span) -> Error {
    Error::new(
        span,
        "`#[detached]` takes no arguments; write `#[detached]`",
    )
}

pub(crate) fn nothing_to_detach(span: Span) -> Error {
    let text = "no spawn for `#[detached]` in this expression; write `Context::empty().scope(future)`, or name the \
        function in `#[propagate_context(spawn(path))]`";
    Error::new(span, text)
}

// Internal errors.

/// The error for a panic in the expansion, with `payload`.
pub(crate) fn internal(attribute: &str, payload: &(dyn Any + Send)) -> Error {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let text = format!(
        "internal error in `#[{attribute}]`: {message}; please report it with this item at {}/issues",
        env!("CARGO_PKG_REPOSITORY")
    );
    Error::new(Span::call_site(), text)
}

// Text helpers.

/// Returns the name at the start of a usage.
fn name_of(usage: &str) -> &str {
    let end = usage.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    &usage[..end.unwrap_or(usage.len())]
}

/// Returns the list as text: "`a`, `b`, `c`".
fn listed(usages: &[&str]) -> String {
    let quoted: Vec<String> = usages.iter().map(|usage| format!("`{usage}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{}, {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// Returns how many letters have to be inserted, removed, replaced or swapped.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut costs = vec![vec![0; other.len() + 1]; one.len() + 1];
    for row in 0..=one.len() {
        for column in 0..=other.len() {
            if row == 0 || column == 0 {
                costs[row][column] = row + column;
                continue;
            }
            let replaced = usize::from(one[row - 1] != other[column - 1]);
            let mut cost = (costs[row - 1][column - 1] + replaced)
                .min(costs[row - 1][column] + 1)
                .min(costs[row][column - 1] + 1);
            if row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1]
            {
                cost = cost.min(costs[row - 2][column - 2] + 1);
            }
            costs[row][column] = cost;
        }
    }
    costs[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(name: &str) -> String {
        unknown_argument(&Ident::new(name, Span::call_site())).to_string()
    }

    #[test]
    fn lists_have_commas_between_their_items() {
        assert_eq!(listed(&[]), "");
        assert_eq!(listed(&["a"]), "`a`");
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b`, `c`");
    }

    #[test]
    fn suggests_the_nearest_argument() {
        for (written, meant) in [
            ("spwan", "spawn"),
            ("spawn_blockin", "spawn_blocking"),
            ("detach", "detached"),
            ("skipfn", "skip_fn"),
            ("spans", "span"),
        ] {
            let text = unknown(written);
            assert!(text.contains(&format!("did you mean `{meant}`?")), "{text}");
        }
    }

    #[test]
    fn lists_the_arguments_if_none_is_similar() {
        let text = unknown("frobnicate");
        assert!(!text.contains("did you mean"), "{text}");
        assert!(text.ends_with("`skip_fn`, `skip`"), "{text}");
    }

    #[test]
    fn names_the_attribute_that_an_argument_belongs_to() {
        assert_eq!(
            unknown("header"),
            "`header` is an argument of `#[context_entry]`, not of `#[propagate_context]`"
        );
    }

    #[test]
    fn an_internal_error_contains_the_panic_message_and_where_to_report_it() {
        let payload = std::panic::catch_unwind(|| panic!("index {} out of range", 7)).unwrap_err();
        let text = internal("context_entry", &*payload).to_string();
        assert!(text.contains("index 7 out of range"), "{text}");
        assert!(text.contains("/issues"), "{text}");
    }
}
