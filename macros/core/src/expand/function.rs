//! Expands one function: generates the code that replaces its body.

use proc_macro2::{Group, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Result, ReturnType, Type};

use crate::args::Args;
use crate::check;
use crate::error;
use crate::expand::lints;
use crate::expand::signature;
use crate::expand::wrapper::{AsyncBody, BodyWrapper, PropagateWrapper};
use crate::sites::{self, Sites};
use crate::syntax::inert_attr::is_inert;
use crate::syntax::item::Function;
use crate::syntax::return_type::{self, ReturnKind};
use crate::syntax::returned::{self, Parts};
use crate::syntax::runtime_path::{Runtime, generated};
use crate::syntax::tokens::{as_tail, braces, mentions, refill};

/// How to expand a function.
pub(crate) struct ExpandOptions {
    pub(crate) wrapper: Box<dyn BodyWrapper>,
    /// Whether the signature must stay unchanged, because attributes that read it are expanded later.
    pub(crate) keep_async: bool,
    /// Whether the function is a member of a block, whose members share the arguments.
    pub(crate) is_member: bool,
}

impl ExpandOptions {
    /// Returns the options of `#[propagate_context(args)]`.
    pub(crate) fn new(args: &Args) -> Self {
        ExpandOptions {
            wrapper: Box::new(PropagateWrapper::new(args)),
            keep_async: false,
            is_member: false,
        }
    }
}

/// Expands one function that has a body.
pub(crate) fn expand(
    mut function: Function,
    args: &Args,
    options: &ExpandOptions,
) -> Result<TokenStream> {
    check::features(args)?;
    let (inner_attrs, block) = function.split_inner_attrs();
    let rewritten = sites::rewrite(&Sites::new(args), block.stream())?;
    if !options.is_member {
        check::all_called(rewritten.uncalled.as_ref())?;
    }
    if let Some(keyword) = &function.sig.constness {
        if rewritten.has_body_attrs || args.detached.is_some() || !args.set.is_empty() {
            return Err(error::const_fn(keyword.span));
        }
        // A `const fn` cannot read variables or spawn, which the compiler reports better than this crate could.
        return Ok(function.emit(inner_attrs, block.stream()));
    }
    let block = match rewritten.tokens {
        Some(content) => refill(&block, content),
        None => block,
    };
    let has_no_scope = args.detached.is_none()
        && args.set.is_empty()
        && options.wrapper.may_be_left_out()
        && lints::is_left_alone(&function);
    if args.skip_fn.is_some() || has_no_scope {
        return Ok(function.emit(inner_attrs, block.stream()));
    }
    let content = if function.sig.asyncness.is_some() {
        asynchronous(&mut function, &block, &args.runtime, options)
    } else {
        synchronous(&function, &block, &args.runtime, &*options.wrapper)
    };
    Ok(function.emit(inner_attrs, content))
}

/// ```text
/// async fn f(a: A, (b, _): (B, C)) -> T { body }
/// ```
/// becomes
/// ```text
/// fn f(a: A, __arg1: (B, C)) -> impl Future<Output = T> {
///     annotated(async move {
///         let a = a;
///         let mut __arg1 = __arg1;
///         let (b, _) = __arg1;
///         if false { return expected::<T>(); }
///         { body }
///     })
/// }
/// ```
/// or, if attributes that are expanded later read the signature,
/// ```text
/// async fn f(a: A, (b, _): (B, C)) -> T {
///     annotated(async move { let a = a; .. { body } }).await
/// }
/// ```
fn asynchronous(
    function: &mut Function,
    block: &Group,
    runtime: &Runtime,
    options: &ExpandOptions,
) -> TokenStream {
    let at = function.open;
    let keep_async = options.keep_async
        || !function.attrs.iter().all(is_inert)
        || returns_never(&function.sig.output);
    if !keep_async && signature::returns_closure(&function.sig) {
        // In an `async` block, the closure would not get its expected type, and so the types of its parameters
        // would not be inferred.
        return block.stream();
    }
    let expected = signature::expected_output(&function.sig, runtime);
    let mut block = as_tail(block);
    if lints::may_yield_async(function) {
        // Because of the `return`, the generated block has no value that clippy could report as a future.
        block = quote_spanned!(generated(at)=> return #block;);
    }
    if keep_async {
        let moves = signature::move_bindings(&function.sig);
        let future = options.wrapper.future(
            &AsyncBody {
                moves,
                expected,
                block,
            },
            at,
        );
        let span = generated(at);
        return quote_spanned!(span=> #future.await);
    }
    lints::allow_what_async_may(function);
    let moves = signature::move_arguments(&mut function.sig);
    function.end_of_signature = signature::return_future(&mut function.sig);
    options.wrapper.future(
        &AsyncBody {
            moves,
            expected,
            block,
        },
        at,
    )
}

/// ```text
/// fn f(..) -> T { body }
/// ```
/// becomes
/// ```text
/// fn f(..) -> T { { let __guard = enter_annotated(); { body } } }
/// ```
/// The braces in the middle have the edition of this crate. The temporaries of the user's tail expression are
/// therefore dropped before the guard, regardless of the user's edition.
fn synchronous(
    function: &Function,
    block: &Group,
    runtime: &Runtime,
    wrapper: &dyn BodyWrapper,
) -> TokenStream {
    let at = function.open;
    let span = generated(at);
    let wrap = |value: TokenStream, at| wrapper.returned(&value, at);
    let returned = match ReturnKind::of(&function.sig) {
        ReturnKind::Opaque(_) => Some(opaque(block, at, runtime, wrapper)),
        kind => {
            let parts = Parts {
                boxes: kind.is_boxed() || return_type::holds_boxed(&function.sig.output),
                in_others: wrapper.wraps_parts(),
            };
            let may_be = parts.boxes || mentions(block.stream(), "async");
            let returned = || returned::wrap_returned(block.stream(), &wrap, parts);
            may_be.then(returned).flatten()
        }
    };
    let (guard, value) = match returned {
        Some(content) => (wrapper.guard_of_call(at), as_tail(&refill(block, content))),
        None => (wrapper.guard(at), as_tail(block)),
    };
    braces(quote_spanned!(span=> #guard #value), span).into_token_stream()
}

/// Returns the body of a function that returns an `impl Future`. All values that it returns have the same type,
/// so the values that replace them must have the same type, too.
fn opaque(block: &Group, at: Span, runtime: &Runtime, wrapper: &dyn BodyWrapper) -> TokenStream {
    if !mentions(block.stream(), "return") {
        // In braces, so that lints about parentheses and braces see the value of a block.
        let tail = braces(as_tail(block), generated(at));
        return wrapper.returned(&tail.into_token_stream(), at);
    }
    let wrap = |value: TokenStream, at| wrapper.returned(&value, at);
    // A boxed value may be coerced to the type of another returned value.
    let is_boxed = mentions(block.stream(), "pin") || mentions(block.stream(), "boxed");
    let early = if is_boxed {
        None
    } else {
        returned::wrap_early(block.stream(), &wrap)
    };
    if let Some(returned::Early { content, diverges }) = early {
        if diverges {
            return content;
        }
        return wrapper.returned(&refill(block, content).into_token_stream(), at);
    }
    // The closure is passed to a function that takes an `FnOnce`. Otherwise the body could not return what it
    // borrows from its arguments.
    let span = generated(at);
    let once = runtime.private("call_once", at);
    wrapper.returned(&quote_spanned!(span=> #once(move || #block)), at)
}

fn returns_never(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}
