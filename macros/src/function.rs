//! One function: how its body is framed, and what is written in place of it.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Meta, Result, ReturnType, Token, Type, parse_quote_spanned};

use crate::args::{Args, Assignment};
use crate::item::Function;
use crate::path::{Runtime, generated};
use crate::signature::{self, Returns};
use crate::sites::Sites;
use crate::tokens::{braces, is_punct, refill};
use crate::{check, tail};

/// What stands round the body of a function.
pub(crate) trait Frame {
    /// The future that an async function returns.
    fn future(&self, body: &AsyncBody, at: Span) -> TokenStream;

    /// The statements that open the scope of a function that is not async.
    fn guard(&self, at: Span) -> TokenStream;

    /// The future or stream that a function returns which is not async itself.
    fn returned(&self, value: &TokenStream, at: Span) -> TokenStream;
}

/// The parts of an async body, in their order.
pub(crate) struct AsyncBody {
    /// Moves the arguments into the future.
    pub(crate) moves: TokenStream,
    /// Names the type of the output.
    pub(crate) expected: TokenStream,
    /// The user's block, or its content where that is one expression.
    pub(crate) block: TokenStream,
}

/// How a function is to be expanded.
pub(crate) struct Plan {
    pub(crate) frame: Box<dyn Frame>,
    /// The signature must stay as it is, since attributes that read it come later.
    pub(crate) keep_async: bool,
}

impl Plan {
    /// The plan of `#[propagate_context(args)]`.
    pub(crate) fn new(args: &Args) -> Self {
        let frame = Joining {
            runtime: args.runtime.clone(),
            detached: args.detached.is_some(),
            set: args.set.clone(),
        };
        Plan {
            frame: Box::new(frame),
            keep_async: false,
        }
    }
}

/// Expands one function that has a body.
pub(crate) fn expand(mut function: Function, args: &Args, plan: &Plan) -> Result<TokenStream> {
    check::function(&function)?;
    let (inner_attrs, block) = split_inner_attrs(&function.body);
    let rewritten = Sites::new(args).rewrite(block.stream())?;
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
        synchronous(&function, &block, &*plan.frame)
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
    plan: &Plan,
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
    if TRAIT_METHODS.contains(&function.sig.ident.to_string().as_str()) {
        let allow = generated(function.sig.ident.span());
        function
            .attrs
            .push(parse_quote_spanned!(allow=> #[allow(clippy::should_implement_trait)]));
    }
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
fn synchronous(function: &Function, block: &Group, frame: &dyn Frame) -> TokenStream {
    let at = block.span();
    let span = generated(at);
    let guard = frame.guard(at);
    let value = match Returns::of(&function.sig) {
        Returns::Opaque if mentions(block.stream(), "return") => {
            frame.returned(&quote_spanned!(span=> (move || #block)()), at)
        }
        Returns::Opaque => frame.returned(&block.to_token_stream(), at),
        Returns::Other => {
            let wrap = |literal: TokenStream, at| frame.returned(&literal, at);
            let returned = if mentions(block.stream(), "async") {
                tail::wrap_returned(block.stream(), &wrap)
            } else {
                None
            };
            match returned {
                Some(content) => as_tail(&refill(block, content)),
                None => as_tail(block),
            }
        }
    };
    braces(quote_spanned!(span=> #guard #value), span).into_token_stream()
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

/// Whether `name` occurs, at any depth.
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Takes the leading `#![..]` out of a body: they stand at the beginning of a function or nowhere.
fn split_inner_attrs(body: &Group) -> (TokenStream, Group) {
    let trees: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut end = 0;
    while is_punct(trees.get(end), '#') && is_punct(trees.get(end + 1), '!') {
        end += 3;
    }
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

/// Methods of the standard traits, which clippy does not mind where they are async.
const TRAIT_METHODS: &[&str] = &[
    "add",
    "as_mut",
    "as_ref",
    "bitand",
    "bitor",
    "bitxor",
    "borrow",
    "borrow_mut",
    "clone",
    "cmp",
    "default",
    "deref",
    "deref_mut",
    "div",
    "drop",
    "eq",
    "from_iter",
    "from_str",
    "hash",
    "index",
    "index_mut",
    "into_iter",
    "mul",
    "neg",
    "next",
    "not",
    "rem",
    "shl",
    "shr",
    "sub",
];

/// Attributes that do not care whether a function is async.
const INERT: &[&str] = &[
    "allow",
    "cfg",
    "cold",
    "coverage",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "inline",
    "link_section",
    "must_use",
    "no_mangle",
    "optimize",
    "target_feature",
    "track_caller",
    "warn",
];

/// Tools whose attributes the compiler ignores.
const TOOLS: &[&str] = &[
    "clippy",
    "diagnostic",
    "rust_analyzer",
    "rustdoc",
    "rustfmt",
];

/// Whether an attribute is none that will read the function after us.
pub(crate) fn is_inert(attr: &Attribute) -> bool {
    is_inert_meta(&attr.meta)
}

fn is_inert_meta(meta: &Meta) -> bool {
    let path = meta.path();
    let Some(first) = path.segments.first().map(|first| first.ident.to_string()) else {
        return false;
    };
    if path.segments.len() > 1 {
        return TOOLS.contains(&first.as_str());
    }
    let nested = |skip| match meta {
        Meta::List(list) => Punctuated::<Meta, Token![,]>::parse_terminated
            .parse2(list.tokens.clone())
            .is_ok_and(|metas| metas.iter().skip(skip).all(is_inert_meta)),
        _ => false,
    };
    match first.as_str() {
        // The first is the condition.
        "cfg_attr" => nested(1),
        "unsafe" => nested(0),
        name => INERT.contains(&name),
    }
}

/// The frame of `#[propagate_context]`: joins the scope that is current, or brings the one of the
/// call.
struct Joining {
    runtime: Runtime,
    detached: bool,
    set: Vec<Assignment>,
}

impl Joining {
    /// `additions().set(&VAR, value)..`
    fn additions(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let mut additions = self.runtime.private("additions", at);
        additions.extend(quote_spanned!(span=> ()));
        for Assignment { variable, value } in &self.set {
            let span = generated(variable.span());
            additions.extend(quote_spanned!(span=> .set(&#variable, #value)));
        }
        additions
    }

    fn wrapper(&self, at: Span) -> TokenStream {
        let name = if self.detached { "detach" } else { "annotated" };
        self.runtime.private(name, at)
    }
}

impl Frame for Joining {
    fn future(&self, body: &AsyncBody, at: Span) -> TokenStream {
        let AsyncBody {
            moves,
            expected,
            block,
        } = body;
        let span = generated(at);
        let wrapper = self.wrapper(at);
        let content = if self.set.is_empty() {
            quote_spanned!(span=> #moves #expected #block)
        } else {
            let additions = self.additions(at);
            quote_spanned! {span=>
                #moves
                #additions.scope(async move { #expected #block }).await
            }
        };
        let content = braces(content, span);
        quote_spanned!(span=> #wrapper(async move #content))
    }

    fn guard(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let guard = Ident::new("__guard", span);
        let mut guards = TokenStream::new();
        if self.detached {
            let enter = self.runtime.private("enter_once", at);
            let empty = self.runtime.private("detached", at);
            guards.extend(quote_spanned!(span=> let #guard = #enter(#empty());));
        } else if self.set.is_empty() {
            let enter = self.runtime.private("enter_annotated", at);
            guards.extend(quote_spanned!(span=> let #guard = #enter();));
        }
        if !self.set.is_empty() {
            let additions = self.additions(at);
            guards.extend(quote_spanned!(span=> let #guard = #additions.enter();));
        }
        guards
    }

    fn returned(&self, value: &TokenStream, at: Span) -> TokenStream {
        let span = generated(at);
        let wrapper = self.wrapper(at);
        quote_spanned!(span=> #wrapper(#value))
    }
}
