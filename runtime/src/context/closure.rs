//! A closure that runs and is dropped in a snapshot.

use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::context::snapshot::Context;

pub(crate) struct Closure<F> {
    f: F,
    // Declared after `f`, so that it is dropped after it: see `SavedScope`.
    saved_scope: SavedScope,
}

impl<F> Closure<F> {
    #[inline]
    pub(crate) fn new(context: Context, f: F) -> Self {
        Self {
            f,
            saved_scope: SavedScope::new(context.into_scope()),
        }
    }

    /// Enters a scope for one call. It starts from the snapshot and ends with the guard.
    #[inline]
    fn scope_of_a_call(&self) -> Guard {
        Guard::of_snapshot(self.saved_scope.scope().clone())
    }

    pub(crate) fn call<R>(&self) -> R
    where
        F: Fn() -> R,
    {
        let _guard = self.scope_of_a_call();
        (self.f)()
    }

    pub(crate) fn call_with<A, R>(&self, argument: A) -> R
    where
        F: Fn(A) -> R,
    {
        let _guard = self.scope_of_a_call();
        (self.f)(argument)
    }

    pub(crate) fn call_mut<R>(&mut self) -> R
    where
        F: FnMut() -> R,
    {
        let _guard = self.scope_of_a_call();
        (self.f)()
    }
}

impl<F> Closure<Option<F>> {
    pub(crate) fn call_once<R>(mut self) -> R
    where
        F: FnOnce() -> R,
    {
        match self.f.take() {
            Some(f) => self.saved_scope.run(f),
            None => unreachable!("a closure that is called by value is called once"),
        }
    }
}

impl Context {
    /// Returns a closure that runs `f` in this snapshot wherever it is called. If it is never called, `f` is dropped in
    /// the snapshot.
    ///
    /// Use it with thread pools: `pool.execute(Context::current().wrap(job))`.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// let job = USER.sync_scope(7, || Context::current().wrap(|| USER.get()));
    /// assert_eq!(std::thread::spawn(job).join().unwrap(), Some(7));
    /// ```
    pub fn wrap<R>(self, f: impl FnOnce() -> R) -> impl FnOnce() -> R {
        let closure = Closure::new(self, Some(f));
        move || closure.call_once()
    }

    /// Like [`wrap`](Self::wrap), for closures that are called several times. Each call starts from the snapshot;
    /// values that it sets end with it.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// let mut calls = 0;
    /// let mut job = USER.sync_scope(7, || {
    ///     Context::current().wrap_mut(|| {
    ///         calls += 1;
    ///         USER.get()
    ///     })
    /// });
    /// assert_eq!((job(), job()), (Some(7), Some(7)));
    /// ```
    pub fn wrap_mut<R>(self, f: impl FnMut() -> R) -> impl FnMut() -> R {
        let mut closure = Closure::new(self, f);
        move || closure.call_mut()
    }

    /// Like [`wrap_mut`](Self::wrap_mut), for closures that several threads call concurrently.
    pub fn wrap_fn<R>(self, f: impl Fn() -> R) -> impl Fn() -> R {
        let closure = Closure::new(self, f);
        move || closure.call()
    }

    /// Like [`wrap_fn`](Self::wrap_fn), with one argument: `items.par_iter().map(context.wrap_fn1(|item| ..))`.
    pub fn wrap_fn1<A, R>(self, f: impl Fn(A) -> R) -> impl Fn(A) -> R {
        let closure = Closure::new(self, f);
        move |argument| closure.call_with(argument)
    }
}

impl<F> Drop for Closure<F> {
    #[inline]
    fn drop(&mut self) {
        self.saved_scope.enter_for_drop();
    }
}
