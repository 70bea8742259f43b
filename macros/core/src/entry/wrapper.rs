//! Generates the code around the body of an entry.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::args::{EntryArgs, Generate};
use super::policy;
use crate::args::Assignment;
use crate::expand::wrapper::{AsyncBody, BodyWrapper, additions, enter_and_keep, scoped};
use crate::syntax::runtime_path::{Place, Runtime, generated};
use crate::syntax::tokens::braces;

/// The source of the context.
pub(super) enum Begin {
    /// An argument that has the headers of a request.
    Request(Ident),
    /// `carrier = ..`: a message or a job.
    Message(Expr),
    /// The layer. The name of the function is used in the warning if there is no layer.
    Layer(Ident),
}

/// What the entry returns to its caller.
#[derive(Clone, Copy)]
pub(super) enum Finish {
    /// An `EntryOutput`, which the framework turns into a response.
    EntryOutput,
    /// An `http::Response` with the response header, as declared by the return type.
    HasResponseHeaders(Place),
    /// The value that the function returned.
    Value,
}

pub(super) struct EntryWrapper {
    runtime: Runtime,
    /// The policy, as an expression.
    entry: TokenStream,
    /// The compile-time checks of the variables that the entry reads.
    assert_keys: Option<TokenStream>,
    begin: Begin,
    finish: Finish,
    required: bool,
    /// Whether the function is not async and returns a stream.
    is_stream: bool,
    /// `generate = expression`
    make_id: Option<Expr>,
    set: Vec<Assignment>,
    /// Names the type of the user's block, which differs from that of the expanded function.
    expected: TokenStream,
}

impl EntryWrapper {
    pub(super) fn new(
        args: &EntryArgs,
        begin: Begin,
        finish: Finish,
        is_stream: bool,
        expected: TokenStream,
    ) -> Self {
        EntryWrapper {
            runtime: args.common.runtime.clone(),
            entry: policy::entry(args),
            assert_keys: policy::assert_keys(args),
            begin,
            finish,
            required: args.required.is_some(),
            is_stream,
            make_id: match &args.generate {
                Some(Generate::Of(expr)) => Some(expr.clone()),
                _ => Option::None,
            },
            set: args.common.set.clone(),
            expected,
        }
    }

    /// Generates `static __ENTRY: OnceLock<Entry> = OnceLock::new();`.
    fn policy(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let name = Ident::new("__ENTRY", span);
        let ty = self.runtime.private("Entry", at);
        let assert_keys = &self.assert_keys;
        quote_spanned! {span=>
            #assert_keys
            static #name: ::std::sync::OnceLock<#ty> = ::std::sync::OnceLock::new();
        }
    }

    /// Generates `Option::None`, or `Option::Some(&mut || expression)`.
    fn make_id(&self, at: Span) -> TokenStream {
        if let Some(expr) = &self.make_id {
            let span = generated(expr.span());
            return quote_spanned!(span=> ::core::option::Option::Some(&mut || #expr));
        }
        let span = generated(at);
        quote_spanned!(span=> ::core::option::Option::None)
    }

    /// Generates `EntryCall::of_request(__ENTRY.get_or_init(..), &headers, Option::None)`.
    fn entry_call(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let call = self.runtime.private("EntryCall", at);
        let name = Ident::new("__ENTRY", span);
        let policy = &self.entry;
        let entry = quote_spanned!(span=> #name.get_or_init(|| #policy));
        let make_id = self.make_id(at);
        match &self.begin {
            Begin::Request(name) => {
                let carrier = generated(name.span());
                let name = quote_spanned!(carrier=> &#name);
                quote_spanned!(span=> #call::of_request(#entry, #name, #make_id))
            }
            Begin::Message(expr) => {
                let carrier = generated(expr.span());
                let expr = quote_spanned!(carrier=> &#expr);
                quote_spanned!(span=> #call::of_message(#entry, #expr, #make_id))
            }
            Begin::Layer(function) => {
                let function = function.to_string();
                quote_spanned!(span=> #call::of_layer(#entry, #function))
            }
        }
    }

    /// Generates the entry's return value from the `EntryOutput` that `output` evaluates to.
    fn finish(&self, output: &TokenStream, at: Span) -> TokenStream {
        let span = generated(at);
        match (self.finish, self.required) {
            (Finish::EntryOutput, _) => output.clone(),
            // Called by a path, because the compiler ignores the crate's diagnostics for method calls.
            (Finish::HasResponseHeaders(ty), required) => {
                let name = if required {
                    "set_response_headers_or_reject"
                } else {
                    "set_response_headers"
                };
                let set_response_headers = self.runtime.private(name, ty);
                let value = Ident::new("__output", generated(ty.names));
                let content =
                    quote_spanned!(span=> let #value = #output; #set_response_headers(#value));
                braces(content, span).into_token_stream()
            }
            (Finish::Value, false) => quote_spanned!(span=> #output.into_inner()),
            (Finish::Value, true) => quote_spanned! {span=>
                match #output.into_result() {
                    ::core::result::Result::Ok(value) => value,
                    ::core::result::Result::Err(missing) => {
                        ::core::result::Result::Err(::core::convert::From::from(missing))
                    }
                }
            },
        }
    }
}

impl BodyWrapper for EntryWrapper {
    fn future(&self, body: &AsyncBody, at: Span) -> TokenStream {
        let AsyncBody { moves, block, .. } = body;
        let span = generated(at);
        let policy = self.policy(at);
        let call = self.entry_call(at);
        let name = Ident::new("__call", span);
        let expected = &self.expected;
        let mut inner = quote_spanned!(span=> async move { #expected #block });
        let mut values = TokenStream::new();
        if !self.set.is_empty() {
            // The values are computed from the arguments, before the arguments are moved.
            let additions = additions(&self.runtime, &self.set, at);
            let set = Ident::new("__set", span);
            values = quote_spanned!(span=> let #set = #additions;);
            inner = scoped(&self.runtime, &inner, &set.to_token_stream(), at);
        }
        let output = self.finish(&quote_spanned!(span=> #name.run(#inner).await), at);
        let content = quote_spanned! {span=>
            #policy
            #moves
            let #name = #call;
            #values
            #output
        };
        let content = braces(content, span);
        // The block is passed to a function. Otherwise clippy's `manual_async_fn` would fire.
        let begin = self.runtime.private("entry_future", at);
        quote_spanned!(span=> #begin(async move #content))
    }

    fn guard(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let policy = self.policy(at);
        let call = self.entry_call(at);
        let guard = Ident::new("__guard", span);
        let missing = Ident::new("__missing", span);
        let mut guards = quote_spanned! {span=>
            #policy
            let (#guard, #missing) = #call.enter();
        };
        guards.extend(if self.required {
            quote_spanned! {span=>
                if let ::core::option::Option::Some(missing) = #missing {
                    return ::core::result::Result::Err(::core::convert::From::from(missing));
                }
            }
        } else {
            quote_spanned!(span=> ::core::mem::drop(#missing);)
        });
        if !self.set.is_empty() {
            let additions = additions(&self.runtime, &self.set, at);
            guards.extend(quote_spanned!(span=> let #guard = (#additions.enter(), #guard);));
        }
        guards
    }

    /// Uses one entry call for the function and for the future that it returns, so that both have the same id.
    fn guard_of_call(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let policy = self.policy(at);
        let call = self.entry_call(at);
        let guard = Ident::new("__guard", span);
        let name = Ident::new("__call", span);
        let mut guards = quote_spanned! {span=>
            #policy
            let #name = #call;
            let #guard = #name.enter_call();
        };
        if !self.set.is_empty() {
            guards.extend(enter_and_keep(&self.runtime, &self.set, at));
        }
        guards
    }

    fn returned(&self, value: &TokenStream, at: Span) -> TokenStream {
        let span = generated(at);
        if self.is_stream {
            // A stream has no output to finish: it inherits the scope of the call.
            let propagate = self.runtime.private("propagate", at);
            return quote_spanned!(span=> #propagate(#value));
        }
        let name = Ident::new("__call", span);
        let value = if self.set.is_empty() {
            value.clone()
        } else {
            let set = Ident::new("__set", span);
            scoped(&self.runtime, value, &set.to_token_stream(), at)
        };
        let after_call = self.runtime.private("after_call", at);
        let output = if self.required { "result" } else { "value" };
        let output = Ident::new(output, span);
        quote_spanned!(span=> #after_call(#value, #name).#output())
    }

    fn wraps_parts(&self) -> bool {
        false
    }

    fn may_be_left_out(&self) -> bool {
        false
    }
}
