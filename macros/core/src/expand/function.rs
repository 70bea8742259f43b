//! One function: how its body is framed, and what is written in place of it.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Result, ReturnType, Type};

use crate::args::Args;
use crate::check;
use crate::expand::item::{Function, end_of_inner_attrs};
use crate::expand::lints;
use crate::expand::signature;
use crate::expand::wrapper::{AsyncBody, BodyWrapper, PropagateWrapper};
use crate::sites::Sites;
use crate::syntax::inert_attr::is_inert;
use crate::syntax::literals;
use crate::syntax::return_type::ReturnKind;
use crate::syntax::runtime_path::{Runtime, generated};
use crate::syntax::tokens::{braces, is_punct, mentions, refill};

/// How a function is to be expanded.
pub(crate) struct ExpandOptions {
    pub(crate) frame: Box<dyn BodyWrapper>,
    /// The signature must stay as it is, since attributes that read it come later.
    pub(crate) keep_async: bool,
    /// One function of a block, which shares its arguments with others.
    pub(crate) is_member: bool,
}

impl ExpandOptions {
    /// The plan of `#[propagate_context(args)]`.
    pub(crate) fn new(args: &Args) -> Self {
        ExpandOptions {
            frame: Box::new(PropagateWrapper::new(args)),
            keep_async: false,
            is_member: false,
        }
    }
}

/// Expands one function that has a body.
pub(crate) fn expand(
    mut function: Function,
    args: &Args,
    plan: &ExpandOptions,
) -> Result<TokenStream> {
    let (inner_attrs, block) = split_inner_attrs(&function.body);
    let rewritten = Sites::new(args).rewrite(block.stream())?;
    if let Some(path) = rewritten.uncalled.filter(|_| !plan.is_member) {
        return Err(check::spawner_not_called(&path));
    }
    if let Some(keyword) = &function.sig.constness {
        if rewritten.marked || args.detached.is_some() || !args.set.is_empty() {
            return Err(check::const_fn_with_context(keyword.span));
        }
        // It can read nothing and spawn nothing, which the compiler says better than we would.
        return Ok(function.emit(inner_attrs, block.into_token_stream()));
    }
    let block = match rewritten.tokens {
        Some(content) => refill(&block, content),
        None => block,
    };
    if args.skip_fn.is_some() {
        return Ok(function.emit(inner_attrs, block.stream()));
    }
    let content = if function.sig.asyncness.is_some() {
        asynchronous(&mut function, &block, &args.runtime, plan)
    } else {
        synchronous(&function, &block, &args.runtime, &*plan.frame)
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
/// or, where attributes that come later read the signature,
/// ```text
/// async fn f(a: A, (b, _): (B, C)) -> T {
///     annotated(async move { let a = a; .. { body } }).await
/// }
/// ```
fn asynchronous(
    function: &mut Function,
    block: &Group,
    runtime: &Runtime,
    plan: &ExpandOptions,
) -> TokenStream {
    let at = block.span();
    let keep_async = plan.keep_async
        || !function.attrs.iter().all(is_inert)
        || returns_never(&function.sig.output);
    let expected = signature::expected_output(&function.sig, runtime);
    let block = as_tail(block);
    if keep_async {
        let moves = signature::move_bindings(&function.sig);
        let future = plan.frame.future(
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
    plan.frame.future(
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
/// The braces in the middle are of our edition: the temporaries of the user's tail expression are
/// dropped before the guard in each edition of theirs.
fn synchronous(
    function: &Function,
    block: &Group,
    runtime: &Runtime,
    frame: &dyn BodyWrapper,
) -> TokenStream {
    let at = block.span();
    let span = generated(at);
    let wrap = |value: TokenStream, at| frame.returned(&value, at);
    let returned = match ReturnKind::of(&function.sig) {
        ReturnKind::Opaque(_) => Some(opaque(block, runtime, frame)),
        ReturnKind::Boxed(_) => literals::wrap_returned(block.stream(), &wrap, true),
        ReturnKind::Other if mentions(block.stream(), "async") => {
            literals::wrap_returned(block.stream(), &wrap, false)
        }
        ReturnKind::Other => None,
    };
    let (guard, value) = match returned {
        Some(content) => (frame.guard_of_call(at), as_tail(&refill(block, content))),
        None => (frame.guard(at), as_tail(block)),
    };
    braces(quote_spanned!(span=> #guard #value), span).into_token_stream()
}

/// The body of a function that returns an `impl Future`: all that it returns is of one type, and so
/// is what is made of it.
fn opaque(block: &Group, runtime: &Runtime, frame: &dyn BodyWrapper) -> TokenStream {
    let at = block.span();
    if !mentions(block.stream(), "return") {
        return frame.returned(&block.to_token_stream(), at);
    }
    let wrap = |value: TokenStream, at| frame.returned(&value, at);
    if let Some(content) = literals::wrap_early(block.stream(), &wrap) {
        return frame.returned(&refill(block, content).into_token_stream(), at);
    }
    // Passed to a function that takes a `FnOnce`: else what the body borrows of its arguments could
    // not be returned.
    let span = generated(at);
    let once = runtime.private("call_once", at);
    frame.returned(&quote_spanned!(span=> #once(move || #block)), at)
}

/// A block that stands at the tail of another, without its braces if it is one expression on one
/// line: nothing in it is dropped later than that, and lints mention such a block within a block.
pub(crate) fn as_tail(block: &Group) -> TokenStream {
    let content = block.stream();
    let is_plain = content
        .clone()
        .into_iter()
        .all(|tree| !is_punct(Some(&tree), ';'));
    let is_on_one_line = || {
        block
            .span()
            .source_text()
            .is_some_and(|text| !text.contains('\n'))
    };
    // Of a body that comes to nothing, the compiler says where the nothing is.
    if !content.is_empty() && is_plain && is_on_one_line() {
        content
    } else {
        block.to_token_stream()
    }
}

fn returns_never(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}

/// Takes the leading `#![..]` out of a body: they stand at the beginning of a function or nowhere.
fn split_inner_attrs(body: &Group) -> (TokenStream, Group) {
    let trees: Vec<TokenTree> = body.stream().into_iter().collect();
    let end = end_of_inner_attrs(&trees);
    if end == 0 {
        return (TokenStream::new(), body.clone());
    }
    let mut trees = trees.into_iter();
    let attrs = trees.by_ref().take(end).collect();
    (attrs, refill(body, trees.collect()))
}

impl Function {
    fn emit(&self, inner_attrs: TokenStream, content: TokenStream) -> TokenStream {
        let mut tokens = TokenStream::new();
        for attr in &self.attrs {
            attr.to_tokens(&mut tokens);
        }
        tokens.extend(self.qualifiers.clone());
        self.sig.to_tokens(&mut tokens);
        tokens.extend(
            self.end_of_signature
                .map(|span| TokenTree::Ident(Ident::new("where", span))),
        );
        let mut all = inner_attrs;
        all.extend(content);
        // With braces of ours the whole item would count as generated, and lints would be silent.
        tokens.extend([TokenTree::Group(braces(all, self.body.span()))]);
        tokens
    }
}
