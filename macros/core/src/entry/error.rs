//! All error texts of `#[context_entry]`, in the form of [`crate::error`].
//!
//! This module imports only that file.

use proc_macro2::{Ident, Span};
use syn::Error;

use crate::error::{expected_among, unknown_among};

/// The arguments as errors list them. Each starts with its name.
const ARGUMENTS: &[&str] = &[
    "header = \"name\"",
    "vars = [VAR, ..]",
    "generate = ..",
    "required",
    "echo = false",
    "trust = false",
    "carrier = expr",
    "keeping = [VAR, ..]",
    "layer",
    "crate = path",
    "spawn(path, ..)",
    "spawn_blocking(path, ..)",
    "set(VAR = expr, ..)",
    "span",
];

// Arguments.

pub(super) fn unknown_argument(name: &Ident) -> Error {
    unknown_among(name, ARGUMENTS)
}

pub(super) fn expected_argument(span: Span) -> Error {
    expected_among(span, ARGUMENTS)
}

pub(super) fn not_of_an_entry(name: &Ident) -> Error {
    let text = format!(
        "`{name}` is an argument of `#[propagate_context]`, not of `#[context_entry]`; remove it"
    );
    Error::new(name.span(), text)
}

pub(super) fn expected_headers(span: Span) -> Error {
    let text = "expected `header = \"X-Request-ID\"`, or `header = [\"X-Request-ID\", ..]` for several in order";
    Error::new(span, text)
}

pub(super) fn empty_header(span: Span) -> Error {
    Error::new(span, "expected a header name, such as `\"X-Request-ID\"`")
}

pub(super) fn invalid_header(character: char, span: Span) -> Error {
    let text = format!(
        "invalid character `{}` in a header name; use letters, digits and `-`",
        character.escape_debug()
    );
    Error::new(span, text)
}

pub(super) fn expected_variables(name: &Ident, span: Span) -> Error {
    Error::new(span, format!("expected `{name} = [VAR, ..]`"))
}

pub(super) fn expected_generate(span: Span) -> Error {
    let text = "expected `generate = uuid_v4`, `uuid_v7`, `none`, the path of a `fn() -> RequestId`, or an expression \
        over the arguments that evaluates to a `RequestId`";
    Error::new(span, text)
}

/// The error for a name that looks like that of a built-in generator.
pub(super) fn unknown_generate(name: &str, span: Span) -> Error {
    let text = format!(
        "unknown value `{name}` of `generate`; supported: `uuid_v4`, `uuid_v7`, `none`, the path of a \
         `fn() -> RequestId`, or an expression over the arguments"
    );
    Error::new(span, text)
}

pub(super) fn expected_false(name: &Ident, span: Span) -> Error {
    Error::new(span, format!("expected `{name} = false`"))
}

pub(super) fn expected_carrier(span: Span) -> Error {
    let text = "expected an expression over the arguments, such as `carrier = message.headers`";
    Error::new(span, text)
}

pub(super) fn policy_beside_layer(policy: &Ident) -> Error {
    let text = format!(
        "`{policy}` cannot be combined with `layer`; move it to the `ContextLayer`, or remove `layer`"
    );
    Error::new(policy.span(), text)
}

pub(super) fn carrier_beside_layer(layer: Span) -> Error {
    Error::new(
        layer,
        "`layer` cannot be combined with `carrier`; remove one of them",
    )
}

pub(super) fn keeping_without_carrier(span: Span) -> Error {
    let text = "`keeping` requires `carrier`, since a request inherits nothing from the scope in which it is received; \
        add `carrier = expr`, or remove `keeping`";
    Error::new(span, text)
}

pub(super) fn required_and_untrusted(required: Span) -> Error {
    let text = "`required` cannot be combined with `trust = false`, which reads nothing; remove one of them";
    Error::new(required, text)
}

pub(super) fn required_and_not_generated(none: Span) -> Error {
    let text = "`generate = none` has no effect with `required`; remove `generate`";
    Error::new(none, text)
}

pub(super) fn required_without_result(span: Span) -> Error {
    let text = "with `required` the function must return a `Result<_, E>` where \
        `E: From<propagate_context::entry::MissingValue>`";
    Error::new(span, text)
}

// Targets.

pub(super) fn wrong_target(what: &str, keyword: Span) -> Error {
    let text = format!(
        "`#[context_entry]` is only supported on functions; move it from {what} to the functions that handle a \
         request, a message or a job"
    );
    Error::new(keyword, text)
}

pub(super) fn declaration(name: &Ident) -> Error {
    let text = "`#[context_entry]` is only supported on functions with a body; move it to the implementation";
    Error::new(name.span(), text)
}

pub(super) fn const_fn(keyword: Span) -> Error {
    Error::new(
        keyword,
        "cannot be applied to a `const fn`; remove `const` or the attribute",
    )
}

pub(super) fn no_headers(keyword: Span) -> Error {
    let text = "this function has no argument with headers; add `carrier = expr`, or make it an `async fn`";
    Error::new(keyword, text)
}

pub(super) fn method_without_headers(receiver: Span) -> Error {
    let text = "this method has no argument with headers, and a method with `self` cannot be a handler; add \
        `carrier = expr`";
    Error::new(receiver, text)
}

pub(super) fn request_not_async(keyword: Span) -> Error {
    let text =
        "a handler of a request must be an `async fn`; for a message or a job add `carrier = expr`";
    Error::new(keyword, text)
}

// Cargo features.

pub(super) fn requires_framework(function: Span) -> Error {
    let text = "a handler without a headers argument requires the feature `axum`, `actix-web` or `poem` of \
        `propagate-context`; enable one of them in `Cargo.toml`, or for a message or a job add `carrier = expr`";
    Error::new(function, text)
}

pub(super) fn requires_http(output: Span) -> Error {
    let text = "a handler that returns an `http::Response` requires the feature `http` of `propagate-context`; \
        enable it in `Cargo.toml`";
    Error::new(output, text)
}
