//! A closure that runs in a snapshot, and is dropped in it.

use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::context::snapshot::Context;

pub(crate) struct Closure<F> {
    f: F,
    // Behind `f`, so that it is dropped after it: see `SavedScope`.
    home: SavedScope,
}

impl<F> Closure<F> {
    #[inline]
    pub(crate) fn new(context: Context, f: F) -> Self {
        Self {
            f,
            home: SavedScope::new(context.into_scope()),
        }
    }

    /// A scope for one call, which starts from the snapshot and ends with the guard.
    #[inline]
    fn scope_of_a_call(&self) -> Option<Guard> {
        self.home.frame().cloned().map(Guard::new)
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
        let _stay = self.home.enter();
        match self.f.take() {
            Some(f) => f(),
            None => unreachable!("a closure that is called by value is called once"),
        }
    }
}

impl<F> Drop for Closure<F> {
    #[inline]
    fn drop(&mut self) {
        self.home.enter_for_drop();
    }
}
