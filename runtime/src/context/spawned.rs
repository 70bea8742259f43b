//! Propagates the context into values that generated code passes to a spawner, depending on their type.
//!
//! A macro does not know types, so it generates `spawned(&value).kind().wrap(value, context)`. Method resolution of
//! `kind` selects the first step in the chain of `Deref` below whose bounds the type satisfies:
//!
//! | step | bounds | becomes |
//! | --- | --- | --- |
//! | [`Boxed`] | a boxed `dyn Future` or `dyn Fn*()`, a pinned box of a future | the same type; a box |
//! | [`Leaf`] (only for [`argument`]) | `Future + Unpin` | itself |
//! | [`Futures`] | `Future` | `InContext` |
//! | [`BoxMakers`], [`Makers`] | a function that returns such a box, or a future | a function whose result is propagated |
//! | [`Functions`] | a function | a function |
//! | [`AsyncFns`], [`AsyncFnMuts`], [`AsyncFnOnces`] | an async closure that is only known by that bound | an async closure with the same bound |
//! | [`Others`] | none | itself |
//!
//! In generic functions, the bounds of the type parameters decide. A type that is not known at this point, because it
//! is inferred from the called function, has no kind: the macro leaves such expressions unchanged.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use crate::context::in_context::InContext;
use crate::context::snapshot::Context;

/// A boxed value that a context can be propagated into.
#[diagnostic::on_unimplemented(
    message = "the type of a spawned value is inferred from the called function",
    label = "its type is not known before the call",
    note = "write the type, or `#[propagate_context(skip)]` before the statement"
)]
pub trait InBox: Sized {
    /// The resulting type: the same type, or one that coerces to the same type.
    type Propagated;

    /// Propagates `context` into the box.
    fn propagate(self, context: Context) -> Self::Propagated;
}

/// Declares a step: its type, and the next step, to which it dereferences.
macro_rules! steps {
    ($($(#[$doc:meta])* $step:ident => $next:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $step<T>(PhantomData<fn() -> T>);

        impl<T> $step<T> {
            const STEP: Self = $step(PhantomData);
        }

        impl<T> Copy for $step<T> {}

        impl<T> Clone for $step<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Deref for $step<T> {
            type Target = $next<T>;

            #[inline]
            fn deref(&self) -> &$next<T> {
                &$next::STEP
            }
        }
    )*};
}

steps! {
    /// A box.
    Boxed => Futures;
    /// A box, as the first step of [`argument`].
    Argument => Leaf;
    /// A future that is `Unpin`, such as the receiver of a channel.
    Leaf => Futures;
    /// A future.
    Futures => BoxMakers;
    /// A function that returns a box.
    BoxMakers => Makers;
    /// A function that returns a future.
    Makers => Functions;
    /// A function.
    Functions => AsyncFns;
    /// A type parameter with the bound `AsyncFn`.
    AsyncFns => AsyncFnMuts;
    /// A type parameter with the bound `AsyncFnMut`.
    AsyncFnMuts => AsyncFnOnces;
    /// A type parameter with the bound `AsyncFnOnce`.
    AsyncFnOnces => Others;
}

/// Any other value.
#[derive(Debug)]
pub struct Others<T>(PhantomData<fn() -> T>);

impl<T> Copy for Others<T> {}

impl<T> Clone for Others<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Others<T> {
    const STEP: Self = Others(PhantomData);
}

/// Returns the first step for a value that is passed to a spawner.
#[inline]
#[must_use]
pub fn spawned<T>(_: &T) -> Boxed<T> {
    Boxed::STEP
}

/// Returns the first step for one of several arguments of a function that has the name of a spawner. Such a function
/// may need the receiver of a channel or the handle of a task unchanged.
#[inline]
#[must_use]
pub fn argument<T>(_: &T) -> Argument<T> {
    Argument::STEP
}

/// Implements the methods of a step: `kind`, and the propagation of its values.
macro_rules! kinds {
    ($(impl<$T:ident $(, $R:ident)?> $step:ident where { $($bounds:tt)* } |$value:ident, $context:ident| -> { $($out:tt)* } $body:block)*) => {$(
        impl<$T $(, $R)?> $step<$T>
        where
            $($bounds)*
        {
            /// Selects this step as the kind of the value.
            #[inline]
            #[must_use]
            pub fn kind(self) -> Self {
                self
            }

            /// Returns the value with `context` propagated into it.
            #[inline]
            pub fn wrap(self, $value: $T, $context: Context) -> $($out)* $body
        }
    )*};
}

kinds! {
    impl<T> Boxed where { T: InBox } |value, context| -> { T::Propagated } { value.propagate(context) }
    impl<T> Argument where { T: InBox } |value, context| -> { T::Propagated } { value.propagate(context) }
    impl<T> Leaf where { T: Future + Unpin } |value, _context| -> { T } { value }
    impl<T> Futures where { T: Future } |value, context| -> { InContext<T> } { context.scope(value) }
    impl<T, R> BoxMakers where { T: FnOnce() -> R, R: InBox } |value, context| -> { impl FnOnce() -> R::Propagated } {
        let function = context.clone().wrap(value);
        move || function().propagate(context)
    }
    impl<T, R> Makers where { T: FnOnce() -> R, R: Future } |value, context| -> { impl FnOnce() -> InContext<R> } {
        let function = context.clone().wrap(value);
        move || context.scope(function())
    }
    impl<T, R> Functions where { T: FnOnce() -> R } |value, context| -> { impl FnOnce() -> R } { context.wrap(value) }
    impl<T, R> AsyncFns where { T: AsyncFn() -> R } |value, context| -> { impl AsyncFn() -> R } {
        async move || context.clone().scope(value()).await
    }
    impl<T, R> AsyncFnMuts where { T: AsyncFnMut() -> R } |value, context| -> { impl AsyncFnMut() -> R } {
        let mut function = value;
        async move || context.clone().scope(function()).await
    }
    impl<T, R> AsyncFnOnces where { T: AsyncFnOnce() -> R } |value, context| -> { impl AsyncFnOnce() -> R } {
        async move || context.scope(value()).await
    }
    impl<T> Others where {} |value, _context| -> { T } { value }
}

impl<F: Future> InBox for Pin<Box<F>> {
    type Propagated = Pin<Box<InContext<Self>>>;

    fn propagate(self, context: Context) -> Self::Propagated {
        Box::pin(context.scope(self))
    }
}

/// Boxed trait objects with the auto traits that they may have.
macro_rules! trait_objects {
    ($($box:ty => |$value:ident, $context:ident| $body:expr;)*) => {$(
        impl<'a, R: 'a> InBox for $box {
            type Propagated = Self;

            fn propagate(self, $context: Context) -> Self {
                let $value = self;
                $body
            }
        }
    )*};
}

trait_objects! {
    Pin<Box<dyn Future<Output = R> + 'a>> => |value, context| Box::pin(context.scope(value));
    Pin<Box<dyn Future<Output = R> + Send + 'a>> => |value, context| Box::pin(context.scope(value));
    Pin<Box<dyn Future<Output = R> + Send + Sync + 'a>> => |value, context| Box::pin(context.scope(value));
    Box<dyn Future<Output = R> + Unpin + 'a> => |value, context| Box::new(context.scope(value));
    Box<dyn Future<Output = R> + Send + Unpin + 'a> => |value, context| Box::new(context.scope(value));
    Box<dyn FnOnce() -> R + 'a> => |value, context| Box::new(context.wrap(value));
    Box<dyn FnOnce() -> R + Send + 'a> => |value, context| Box::new(context.wrap(value));
    Box<dyn FnOnce() -> R + Send + Sync + 'a> => |value, context| Box::new(context.wrap(value));
    Box<dyn FnMut() -> R + 'a> => |value, context| Box::new(context.wrap_mut(value));
    Box<dyn FnMut() -> R + Send + 'a> => |value, context| Box::new(context.wrap_mut(value));
    Box<dyn FnMut() -> R + Send + Sync + 'a> => |value, context| Box::new(context.wrap_mut(value));
    Box<dyn Fn() -> R + 'a> => |value, context| Box::new(context.wrap_fn(value));
    Box<dyn Fn() -> R + Send + 'a> => |value, context| Box::new(context.wrap_fn(value));
    Box<dyn Fn() -> R + Send + Sync + 'a> => |value, context| Box::new(context.wrap_fn(value));
}
