//! Rewrites closures to capture the context where they are created, and to enter it when they are called.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::token::Brace;
use syn::{Block, Expr, ExprBlock, ExprClosure, ReturnType, Stmt, parse_quote_spanned};

use super::catalogue::{Calls, Spawner};
use super::values::{self, Form};
use super::wrap::{Mode, Sites};
use crate::syntax::early_return;
use crate::syntax::literals::{self, Literals};
use crate::syntax::return_type::ReturnKind;
use crate::syntax::runtime_path::{Place, generated, name};
use crate::syntax::tokens::{as_tail, braces, count};

/// How a closure may be called after it is rewritten.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// Once.
    Once,
    /// In the same ways as before.
    AsBefore,
}

impl Sites<'_> {
    /// Rewrites a closure so that it captures the context where it is created, and enters it when it is called.
    /// Returns `None` if there is no way to do so that preserves how the closure can be used.
    ///
    /// The body stays in the same closure, so that `return`, `?` and the types of the parameters keep their
    /// meaning. The closure is only called through a second one if a capture by value cannot be added to the
    /// closure itself.
    pub(super) fn closure(
        &self,
        closure: &mut ExprClosure,
        called: Called,
        returns_future: bool,
        mode: Mode,
    ) -> Option<TokenStream> {
        if closure.constness.is_some() {
            return None;
        }
        if closure.asyncness.is_some() {
            return self.async_closure(closure, called, mode);
        }
        let at = closure.inputs_begin.spans[0];
        let start = closure.capture.map_or(at, |keyword| keyword.span);
        let mut names = Names::new(at);
        if closure.capture.is_none() && !closure.inputs.is_empty() {
            // If the callee calls the closure more than once, the compiler's error contains this name.
            names.context = name("write_move_or_skip", at);
        }
        self.propagate_result(closure, returns_future, mode);
        let captures = self.captures(&names, mode, at);
        let span = names.span;
        let call = &names.call;
        let written = if closure.capture.is_some() {
            self.enter_in(closure, &names, false, at, mode);
            quote_spanned!(span=> #captures #closure)
        } else if called == Called::Once {
            self.enter_in(closure, &names, true, at, mode);
            quote_spanned!(span=> #captures #closure)
        } else if closure.inputs.is_empty() {
            let enter = self.enter(&names, false, at, mode);
            quote_spanned! {span=>
                #captures
                let mut #call = #closure;
                move || { #enter #call() }
            }
        } else {
            return None;
        };
        // If the callee expects something else, the error must be reported at the user's closure.
        Some(braces(written, start).into_token_stream())
    }

    /// Rewrites an async closure: its body becomes a block that runs in the captured context.
    fn async_closure(
        &self,
        closure: &mut ExprClosure,
        called: Called,
        mode: Mode,
    ) -> Option<TokenStream> {
        let at = closure.inputs_begin.spans[0];
        let start = closure.asyncness.map_or(at, |keyword| keyword.span);
        let names = Names::new(at);
        let Names { span, ref call, .. } = names;
        let captures = self.captures(&names, mode, at);
        let by_value = match (closure.capture, called) {
            (Some(_), _) => false,
            (None, Called::Once) => true,
            (None, Called::AsBefore) if closure.inputs.is_empty() => {
                let body = self.in_captured(&names, &quote_spanned!(span=> #call()), at, mode);
                let written = quote_spanned! {span=>
                    #captures
                    let mut #call = #closure;
                    async move || { #body }
                };
                return Some(braces(written, start).into_token_stream());
            }
            (None, Called::AsBefore) => return None,
        };
        let outer = last_span(&closure.body);
        let hint = match &closure.output {
            ReturnType::Default => TokenStream::new(),
            ReturnType::Type(_, ty) => {
                let hint = self.private("type_hint", at);
                quote_spanned!(span=> if false { return #hint::<#ty>(); })
            }
        };
        let body = &closure.body;
        let future = quote_spanned!(span=> async { #hint #body });
        let mut content = TokenStream::new();
        if by_value {
            let Names {
                context, tracing, ..
            } = &names;
            content.extend(quote_spanned!(span=> let #context = #context;));
            if self.span && mode == Mode::Propagate {
                content.extend(quote_spanned!(span=> let #tracing = #tracing;));
            }
        }
        content.extend(self.in_captured(&names, &future, at, mode));
        *closure.body = Expr::Verbatim(braces(content, outer).into_token_stream());
        let written = quote_spanned!(span=> #captures #closure);
        Some(braces(written, start).into_token_stream())
    }

    /// Generates code that awaits `future` in the captured context.
    fn in_captured(
        &self,
        names: &Names,
        future: &TokenStream,
        at: Span,
        mode: Mode,
    ) -> TokenStream {
        let Names {
            context,
            tracing,
            span,
            ..
        } = names;
        let in_context = self.private("in_captured", at);
        if self.span && mode == Mode::Propagate {
            let in_span = self.private("in_span", at);
            return quote_spanned! {*span=>
                #in_context(&#context, #in_span(&#tracing, #future)).await
            };
        }
        quote_spanned!(*span=> #in_context(&#context, #future).await)
    }

    /// Wraps a function with one parameter in a closure that is then rewritten. This gives a parameter that is
    /// borrowed for the call the type that the spawner expects.
    pub(super) fn through_closure(
        &self,
        function: &Expr,
        spawner: Spawner,
        at: Place,
        mode: Mode,
    ) -> TokenStream {
        let span = generated(at.start);
        let [variable, argument] = ["__function", "__argument"].map(|text| name(text, at));
        let mut closure: ExprClosure = if spawner.calls == Calls::Unknown {
            parse_quote_spanned!(span=> move |#argument| #variable(#argument))
        } else {
            // The function is called by value, because the future of an async closure borrows what the closure
            // has captured.
            let call_with = self.private("call_with", at);
            parse_quote_spanned!(span=> move |#argument| #call_with(#variable, #argument))
        };
        let returns_future = spawner.returns_future;
        let closure = self
            .closure(&mut closure, Called::AsBefore, returns_future, mode)
            .unwrap_or_else(|| closure.to_token_stream());
        // The call of `identity` keeps clippy from reporting a binding without effects.
        let content =
            quote_spanned!(span=> let #variable = ::core::convert::identity(#function); #closure);
        braces(content, span).into_token_stream()
    }

    /// Returns the statements that capture the context, which precede the closure.
    pub(super) fn captures(&self, names: &Names, mode: Mode, at: Span) -> TokenStream {
        let Names {
            context,
            tracing,
            span,
            ..
        } = names;
        let capture = self.private(mode.context(), at);
        let mut captures = quote_spanned!(*span=> let #context = #capture(););
        if self.span && mode == Mode::Propagate {
            let current = self.private("current_span", at);
            captures.extend(quote_spanned!(*span=> let #tracing = #current();));
        }
        captures
    }

    /// Returns the statements that enter the context, at the beginning of the closure's body.
    fn enter(&self, names: &Names, by_value: bool, at: Span, mode: Mode) -> TokenStream {
        let Names {
            context,
            tracing,
            guard,
            entered,
            span,
            ..
        } = names;
        let mut enter = if by_value {
            let enter = self.private("enter_once", at);
            quote_spanned!(*span=> let #guard = #enter(#context);)
        } else {
            let enter = self.private("enter", at);
            quote_spanned!(*span=> let #guard = #enter(&#context);)
        };
        if self.span && mode == Mode::Propagate {
            if by_value {
                enter.extend(quote_spanned!(*span=> let #tracing = #tracing;));
            }
            let method = name("enter", at);
            enter.extend(quote_spanned!(*span=> let #entered = #tracing.#method();));
        }
        enter
    }

    /// Puts the user's body after the statements that enter the context, in braces with the edition of this
    /// crate. The temporaries of its tail expression are therefore dropped inside the scope, and the user's
    /// braces keep their span.
    pub(super) fn enter_in(
        &self,
        closure: &mut ExprClosure,
        names: &Names,
        by_value: bool,
        at: Span,
        mode: Mode,
    ) {
        let enter = self.enter(names, by_value, at, mode);
        let (outer, body) = match visible_block(&closure.body) {
            Some(block) => (block.span(), as_tail(&block)),
            // The braces are not placed at the end of the body, which may be an incomplete name that an editor
            // completes.
            None => (closure.inputs_end.spans[0], closure.body.to_token_stream()),
        };
        let inner = braces(quote_spanned!(names.span=> #enter #body), names.span);
        let tail = Stmt::Expr(Expr::Verbatim(inner.into_token_stream()), None);
        let body = Block {
            brace_token: Brace(outer),
            stmts: vec![tail],
        };
        *closure.body = Expr::Block(ExprBlock {
            attrs: Vec::new(),
            label: None,
            block: body,
        });
    }

    /// Propagates the context into the future that a closure returns, because it is polled after the closure's
    /// scope has ended.
    fn propagate_result(&self, closure: &mut ExprClosure, returns_future: bool, mode: Mode) {
        let mut futures = Futures { sites: self, mode };
        let keeps_type = match &closure.output {
            ReturnType::Default => true,
            output @ ReturnType::Type(..) => {
                matches!(ReturnKind::of_output(output), ReturnKind::Boxed(_))
            }
        };
        let returns = count(closure.body.to_token_stream(), "return");
        if !returns_future || !keeps_type {
            literals::visit(&mut closure.body, &mut futures);
            return;
        }
        if returns > 0 {
            // Either all returned values are replaced or none, because they have the same type.
            let mut found = 0;
            let mut body = Stmt::Expr((*closure.body).clone(), None);
            early_return::visit(&mut body, &mut |value| {
                found += 1;
                literals::visit(value, &mut futures) || self.result_by_type(value, mode)
            });
            match body {
                Stmt::Expr(body, _) if found == returns => *closure.body = body,
                _ => return,
            }
        }
        let mut by_type = |value: &mut Expr| self.result_by_type(value, mode);
        if literals::visit(&mut closure.body, &mut futures) {
            literals::visit_branches(&mut closure.body, &mut by_type);
        } else {
            by_type(&mut closure.body);
        }
    }

    fn result_by_type(&self, value: &mut Expr, mode: Mode) -> bool {
        let is_value = matches!(values::form(value), Form::Place | Form::Computed);
        if is_value {
            let tokens = value.to_token_stream();
            let at = Place::of(&tokens, last_span(value));
            let tokens = self.by_type(&tokens, Form::Computed, "spawned", at, mode);
            *value = Expr::Verbatim(tokens);
        }
        is_value
    }
}

/// The generated names, which the user's code cannot see.
pub(super) struct Names {
    pub(super) span: Span,
    context: Ident,
    guard: Ident,
    call: Ident,
    tracing: Ident,
    entered: Ident,
}

impl Names {
    pub(super) fn new(at: Span) -> Self {
        let name = |text| name(text, at);
        Names {
            span: generated(at),
            context: name("__context"),
            guard: name("__guard"),
            call: name("__call"),
            tracing: name("__span"),
            entered: name("__entered"),
        }
    }
}

/// Visits the futures that a closure returns, and no other literals.
struct Futures<'a> {
    sites: &'a Sites<'a>,
    mode: Mode,
}

impl Literals for Futures<'_> {
    fn future(&mut self, literal: TokenStream, at: Span) -> Option<TokenStream> {
        Some(self.sites.future(&literal, at.into(), self.mode))
    }

    fn closure(&mut self, _: &mut ExprClosure) -> Option<TokenStream> {
        None
    }

    fn pinned(&mut self, value: &Expr) -> Option<TokenStream> {
        let is_value = matches!(values::form(value), Form::Place | Form::Computed);
        let wrap = || {
            let tokens = value.to_token_stream();
            let at = Place::of(&tokens, value.span());
            self.sites
                .by_type(&tokens, Form::Computed, "spawned", at, self.mode)
        };
        is_value.then(wrap)
    }
}

/// Returns the braces of a closure's body, if it has any.
fn visible_block(body: &Expr) -> Option<Group> {
    let mut trees = body.to_token_stream().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => {
            Some(group)
        }
        _ => None,
    }
}

/// Returns the span of the last token of an expression, for the tokens that replace the expression.
fn last_span(expr: &Expr) -> Span {
    let last = expr.to_token_stream().into_iter().last();
    last.map_or_else(|| expr.span(), |tree| tree.span())
}
