//! What `#[context_entry]` makes of a function: hidden, and called by generated code alone.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

use pin_project_lite::pin_project;

use super::{CarrierView, Entry, MakeId, MissingValue, OpenedScope};
use crate::context::current;
use crate::context::frame::Frame;
use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::propagation::carrier::Carrier;
use crate::util::diagnostics;

/// How a call of an entry begins, decided at its first poll.
#[must_use]
pub struct EntryCall {
    entry: &'static Entry,
    /// The scope that the call opens; `None` where it joins one that an entry further out opened.
    scope: Option<Arc<Frame>>,
    missing: Option<MissingValue>,
}

impl EntryCall {
    /// An HTTP request: joins the scope that a layer opened for it, or opens one.
    pub fn of_request(
        entry: &'static Entry,
        carrier: &(impl Carrier + ?Sized),
        make_id: Option<MakeId<'_>>,
    ) -> Self {
        Self::of(entry, entry.open_or_join(&carrier, true, make_id))
    }

    /// A message or a job: always a scope of its own, whatever the loop that took it runs in.
    pub fn of_message(
        entry: &'static Entry,
        carrier: &(impl Carrier + ?Sized),
        make_id: Option<MakeId<'_>>,
    ) -> Self {
        Self::of(entry, entry.open_message(&carrier, make_id))
    }

    /// A function that relies on the layer. Without one it has a scope with an id of its own, and says so.
    pub fn of_layer(entry: &'static Entry, function: &'static str) -> Self {
        let opening = Self::of_request(entry, &CarrierView::Nothing, None);
        if let Some(scope) = &opening.scope {
            let _guard = Guard::new(scope.clone());
            diagnostics::warning(&format_args!(
                "`{function}` is a `#[context_entry(layer)]`, and no `ContextLayer` has opened a scope for it"
            ));
        }
        opening
    }

    fn of(entry: &'static Entry, arrival: OpenedScope) -> Self {
        Self {
            entry,
            scope: arrival.scope,
            missing: arrival.missing,
        }
    }

    /// Runs an asynchronous function.
    pub fn run<F: Future>(self, inner: F) -> EntryFuture<F> {
        let Self {
            entry,
            scope,
            missing,
        } = self;
        EntryFuture {
            inner,
            entry,
            missing,
            home: scope.map(SavedScope::new),
        }
    }

    /// Runs the call of a function that returns its future, as long as the guard lives.
    #[must_use]
    pub fn enter_call(&self) -> Option<Guard> {
        self.scope.clone().map(Guard::new)
    }

    /// Runs the future that such a function returns, on what it has written by now.
    pub fn run_after_call<F: Future>(mut self, inner: F) -> EntryFuture<F> {
        if let Some(scope) = &mut self.scope {
            if let Some(written) = current::share() {
                *scope = written;
            }
        }
        self.run(inner)
    }

    /// Runs a synchronous function, as long as the guard lives.
    pub fn enter(self) -> (Option<Guard>, Option<MissingValue>) {
        (self.scope.map(Guard::new), self.missing)
    }
}

pin_project! {
    /// A running call of an entry.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct EntryFuture<F> {
        #[pin]
        inner: F,
        entry: &'static Entry,
        missing: Option<MissingValue>,
        // Behind `inner`, so that it is dropped after it: see `SavedScope`.
        home: Option<SavedScope>,
    }

    impl<F> PinnedDrop for EntryFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(home) = this.project().home {
                home.enter_for_drop();
            }
        }
    }
}

impl<F: Future> Future for EntryFuture<F> {
    type Output = EntryOutput<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let owns = this.home.is_some();
        let _stay = this.home.as_mut().map(SavedScope::enter);
        let value = match this.missing.take() {
            Some(missing) => Err(missing),
            None => Ok(ready!(this.inner.poll(cx))),
        };
        let scope = owns.then(current::share).flatten();
        Poll::Ready(EntryOutput {
            value,
            scope,
            entry: this.entry,
        })
    }
}

impl<F: Future> EntryFuture<F> {
    /// What the function returns: see [`EntryOutput::into_value`].
    pub async fn value(self) -> F::Output {
        self.await.into_value()
    }

    /// What the function returns, where something is required.
    ///
    /// # Errors
    ///
    /// Where it is missing, and those of the function.
    pub async fn result<T, E>(self) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<MissingValue>,
    {
        self.await.into_result()?
    }
}

/// What a call of an entry came to: what the function returned, and what its response still needs.
#[must_use]
pub struct EntryOutput<R> {
    pub(crate) value: Result<R, MissingValue>,
    /// The scope, for what is left of the response; `None` where a layer minds it.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only HTTP answers"))]
    pub(crate) scope: Option<Arc<Frame>>,
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only HTTP answers"))]
    pub(crate) entry: &'static Entry,
}

impl<R> EntryOutput<R> {
    /// What the function returned: where nothing is required.
    ///
    /// # Panics
    ///
    /// If something is required and missing; generated code calls [`into_result`](Self::into_result) then.
    pub fn into_value(self) -> R {
        match self.value {
            Ok(value) => value,
            Err(missing) => panic!("{missing}"),
        }
    }

    /// What the function returned, or what it was refused for.
    ///
    /// # Errors
    ///
    /// Where a required variable is missing.
    pub fn into_result(self) -> Result<R, MissingValue> {
        self.value
    }
}

impl fmt::Debug for EntryCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryCall")
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for EntryFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryFuture")
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for EntryOutput<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryOutput")
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}
