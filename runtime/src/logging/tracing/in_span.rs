//! Propagates the current `tracing` span into spawned values, for `#[propagate_context(span)]`. It dispatches on their
//! types in the steps of [`spawned`](crate::context::spawned).

use std::future::Future;
use std::pin::Pin;

use tracing::instrument::{Instrument, Instrumented};

use crate::context::spawned::{
    Argument, BoxMakers, Boxed, Functions, Futures, InBox, Leaf, Makers, Others,
};

/// A box that the current span can be propagated into.
pub trait InSpanBox: Sized {
    /// The resulting type: the same type, or one that coerces to the same type.
    type InSpan;

    /// Propagates the current span into the box.
    fn in_span(self) -> Self::InSpan;
}

macro_rules! kinds {
    ($(impl<$T:ident $(, $R:ident)?> $step:ident where { $($bounds:tt)* } |$value:ident| -> { $($out:tt)* } $body:block)*) => {$(
        impl<$T $(, $R)?> $step<$T>
        where
            $($bounds)*
        {
            /// Returns the value with the current span propagated into it.
            #[inline]
            pub fn in_span(self, $value: $T) -> $($out)* $body
        }
    )*};
}

kinds! {
    impl<T> Boxed where { T: InBox + InSpanBox } |value| -> { T::InSpan } { value.in_span() }
    impl<T> Argument where { T: InBox + InSpanBox } |value| -> { T::InSpan } { value.in_span() }
    impl<T> Leaf where { T: Future + Unpin } |value| -> { T } { value }
    impl<T> Futures where { T: Future } |value| -> { Instrumented<T> } { value.in_current_span() }
    impl<T, R> BoxMakers where { T: FnOnce() -> R, R: InBox + InSpanBox } |value| -> { impl FnOnce() -> R::InSpan } {
        let span = tracing::Span::current();
        move || span.in_scope(|| value().in_span())
    }
    impl<T, R> Makers where { T: FnOnce() -> R, R: Future } |value| -> { impl FnOnce() -> Instrumented<R> } {
        let span = tracing::Span::current();
        move || span.in_scope(value).instrument(span)
    }
    impl<T, R> Functions where { T: FnOnce() -> R } |value| -> { impl FnOnce() -> R } {
        let span = tracing::Span::current();
        move || span.in_scope(value)
    }
    impl<T> Others where {} |value| -> { T } { value }
}

impl<F: Future> InSpanBox for Pin<Box<F>> {
    type InSpan = Pin<Box<Instrumented<Self>>>;

    fn in_span(self) -> Self::InSpan {
        Box::pin(self.in_current_span())
    }
}

macro_rules! trait_objects {
    ($($box:ty => |$value:ident, $span:ident| $body:expr;)*) => {$(
        impl<'a, R: 'a> InSpanBox for $box {
            type InSpan = Self;

            fn in_span(self) -> Self {
                let ($value, $span) = (self, tracing::Span::current());
                $body
            }
        }
    )*};
}

fn entering<R>(mut f: impl FnMut() -> R, span: tracing::Span) -> impl FnMut() -> R {
    move || span.in_scope(&mut f)
}

trait_objects! {
    Pin<Box<dyn Future<Output = R> + 'a>> => |value, span| Box::pin(value.instrument(span));
    Pin<Box<dyn Future<Output = R> + Send + 'a>> => |value, span| Box::pin(value.instrument(span));
    Pin<Box<dyn Future<Output = R> + Send + Sync + 'a>> => |value, span| Box::pin(value.instrument(span));
    Box<dyn Future<Output = R> + Unpin + 'a> => |value, span| Box::new(value.instrument(span));
    Box<dyn Future<Output = R> + Send + Unpin + 'a> => |value, span| Box::new(value.instrument(span));
    Box<dyn FnOnce() -> R + 'a> => |value, span| Box::new(move || span.in_scope(value));
    Box<dyn FnOnce() -> R + Send + 'a> => |value, span| Box::new(move || span.in_scope(value));
    Box<dyn FnOnce() -> R + Send + Sync + 'a> => |value, span| Box::new(move || span.in_scope(value));
    Box<dyn FnMut() -> R + 'a> => |value, span| Box::new(entering(value, span));
    Box<dyn FnMut() -> R + Send + 'a> => |value, span| Box::new(entering(value, span));
    Box<dyn FnMut() -> R + Send + Sync + 'a> => |value, span| Box::new(entering(value, span));
    Box<dyn Fn() -> R + 'a> => |value, span| Box::new(move || span.in_scope(&value));
    Box<dyn Fn() -> R + Send + 'a> => |value, span| Box::new(move || span.in_scope(&value));
    Box<dyn Fn() -> R + Send + Sync + 'a> => |value, span| Box::new(move || span.in_scope(&value));
}

/// Returns the span of the spawner, for `#[propagate_context(span)]`.
#[inline]
#[must_use]
pub fn current_span() -> tracing::Span {
    tracing::Span::current()
}

/// Wraps a spawned value in the span of the spawner.
#[inline]
pub fn in_current_span<T>(inner: T) -> Instrumented<T> {
    inner.in_current_span()
}

/// Like [`in_current_span`], for a function.
#[inline]
pub fn in_current_span_fn<F: FnOnce() -> R, R>(f: F) -> impl FnOnce() -> R {
    let span = current_span();
    move || span.in_scope(f)
}

/// Wraps the body of an async closure in the span that the closure has captured.
#[inline]
pub fn in_span<T>(span: &tracing::Span, inner: T) -> Instrumented<T> {
    inner.instrument(span.clone())
}
