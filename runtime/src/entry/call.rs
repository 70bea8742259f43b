//! What `#[context_entry]` makes of a function.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use super::arrival::{OpenedScope, Opener};
use super::missing::MissingValue;
use super::policy::{Entry, MakeId};
use super::source::CarrierView;
use crate::context::current::{self, Scope};
use crate::context::guard::Guard;
use crate::context::request_tag::FoundTag;
use crate::context::saved_scope::SavedScope;
use crate::propagation::carrier::Carrier;
use crate::util::diagnostics;

/// A call of an entry whose scope has been decided. Hidden: called by generated code alone.
#[must_use]
pub struct EntryCall {
    entry: &'static Entry,
    /// The scope that the call opens; `None` where it joins one that an outer entry opened.
    scope: Scope,
    missing: Option<MissingValue>,
    /// Whether an outer entry sets every response header that this one would.
    is_echoed: bool,
}

impl EntryCall {
    /// An HTTP request: joins the scope that a layer opened for it, or opens one.
    pub fn of_request(
        entry: &'static Entry,
        carrier: &(impl Carrier + ?Sized),
        make_id: Option<MakeId<'_>>,
    ) -> Self {
        let found_tag = carrier
            .http()
            .map_or(FoundTag::Unknown, |http| http.found_tag);
        match entry.joins_complete_scope(found_tag) {
            Some(is_echoed) => Self {
                entry,
                scope: None,
                missing: None,
                is_echoed,
            },
            None => Self::of(
                entry,
                entry.open_or_join(&carrier, true, make_id, Opener::Function),
            ),
        }
    }

    /// A message or a job: always a scope of its own, whatever the receiving loop runs in.
    pub fn of_message(
        entry: &'static Entry,
        carrier: &(impl Carrier + ?Sized),
        make_id: Option<MakeId<'_>>,
    ) -> Self {
        Self::of(entry, entry.open_message(&carrier, make_id))
    }

    /// A function that relies on the layer. Without one it gets a scope with an id of its own, and a warning.
    pub fn of_layer(entry: &'static Entry, function: &'static str) -> Self {
        let call = Self::of_request(entry, &CarrierView::Nothing, None);
        if let Some(scope) = &call.scope {
            let _guard = Guard::new(scope.clone());
            diagnostics::warning(&format_args!(
                "`{function}` is a `#[context_entry(layer)]`, but no `ContextLayer` has opened a scope for it"
            ));
        }
        call
    }

    fn of(entry: &'static Entry, opened: OpenedScope) -> Self {
        Self {
            entry,
            scope: opened.scope,
            missing: opened.missing,
            is_echoed: opened.is_echoed,
        }
    }

    /// Runs an asynchronous function.
    #[inline]
    pub fn run<F: Future>(self, inner: F) -> EntryFuture<F> {
        let Self {
            entry,
            scope,
            missing,
            is_echoed,
        } = self;
        EntryFuture {
            inner,
            echoes: (!is_echoed).then_some(entry),
            missing,
            scope: scope.map(SavedScope::new),
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
    /// A running call of a `#[context_entry]` function.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct EntryFuture<F> {
        #[pin]
        inner: F,
        // The response headers that are to be set; `None` where an outer entry sets all of them.
        echoes: Option<&'static Entry>,
        missing: Option<MissingValue>,
        // Behind `inner`, so that it is dropped after it: see `SavedScope`.
        scope: Option<SavedScope>,
    }

    impl<F> PinnedDrop for EntryFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(scope) = this.project().scope {
                scope.enter_for_drop();
            }
        }
    }
}

impl<F: Future> Future for EntryFuture<F> {
    type Output = EntryOutput<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let owns_scope = this.scope.is_some();
        let _guard = this.scope.as_mut().map(SavedScope::enter);
        // Written so that what the function returns, which may be large, is moved once.
        if let Some(missing) = this.missing.take() {
            return Poll::Ready(EntryOutput {
                value: Err(missing),
                scope: owns_scope.then(current::share).flatten(),
                echoes: *this.echoes,
            });
        }
        this.inner.poll(cx).map(|value| EntryOutput {
            value: Ok(value),
            scope: owns_scope.then(current::share).flatten(),
            echoes: *this.echoes,
        })
    }
}

impl<F: Future> EntryFuture<F> {
    /// What the function returns: see [`EntryOutput::into_inner`].
    pub async fn value(self) -> F::Output {
        self.await.into_inner()
    }

    /// What the function returns, where a variable is required.
    ///
    /// # Errors
    ///
    /// If it is missing, and those of the function.
    pub async fn result<T, E>(self) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<MissingValue>,
    {
        self.await.into_result()?
    }
}

/// The output of a handler with [`#[context_entry]`](crate::context_entry): what the function returned, and what its
/// response still needs.
///
/// It is a response of axum, actix-web and poem where `R` is one: the response headers are set, and its body is polled
/// in the scope of the request. Code that calls the handler directly compares it with an `R`, or takes the `R` out:
///
/// ```
/// # use propagate_context::context_entry;
/// # struct HeaderMap;
/// # impl propagate_context::Carrier for HeaderMap {
/// #     fn visit(&self, _: &str, _: &mut dyn FnMut(&[u8])) {}
/// # }
/// #[context_entry]
/// async fn show(headers: HeaderMap) -> Result<String, String> {
///     Ok("order 7".to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(show(HeaderMap).await, Ok("order 7".to_owned()));
/// assert_eq!(show(HeaderMap).await.into_inner().unwrap(), "order 7");
/// # }
/// ```
///
/// A function that returns an `http::Response<B>`, or a `Result` of one, returns that type itself. So does each function
/// with `carrier = ..` or `layer`: for frameworks that do not know this type.
#[must_use]
pub struct EntryOutput<R> {
    pub(crate) value: Result<R, MissingValue>,
    /// The scope, for the rest of the response; `None` where a layer covers it.
    pub(crate) scope: Scope,
    /// Whose response headers are to be set; `None` where an outer entry sets all of them.
    pub(crate) echoes: Option<&'static Entry>,
}

impl<R> EntryOutput<R> {
    /// What the function returned.
    ///
    /// # Panics
    ///
    /// If a [`required`](super::Inbound::required) variable is missing: see [`into_result`](Self::into_result).
    #[track_caller]
    pub fn into_inner(self) -> R {
        match self.value {
            Ok(value) => value,
            Err(missing) => panic!("{missing}"),
        }
    }

    /// What the function returned.
    ///
    /// # Errors
    ///
    /// If a [`required`](super::Inbound::required) variable is missing, so that the function did not run.
    pub fn into_result(self) -> Result<R, MissingValue> {
        self.value
    }
}

/// Equal to what the function returned; unequal to everything if it did not run.
impl<R: PartialEq<T>, T> PartialEq<T> for EntryOutput<R> {
    fn eq(&self, other: &T) -> bool {
        self.value.as_ref().is_ok_and(|value| value == other)
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
        f.debug_struct("EntryFuture").finish_non_exhaustive()
    }
}

impl<R: fmt::Debug> fmt::Debug for EntryOutput<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryOutput")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
