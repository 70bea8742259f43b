//! The calls of `#[context_entry]` functions.

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

/// A call of a `#[context_entry]` function, with the scope that it runs in. Hidden, since only generated code uses it.
#[must_use]
pub struct EntryCall {
    entry: &'static Entry,
    /// The scope that the call opens; `None` if it joins the scope of an outer entry.
    scope: Scope,
    missing: Option<MissingValue>,
    /// Whether an outer entry sets every response header that this entry would set.
    is_echoed: bool,
}

impl EntryCall {
    /// Creates the call for an HTTP request: joins the scope that an outer entry opened for it, or opens a new scope.
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

    /// Creates the call for a message or a job. It always opens a new scope, even if the receiving loop runs in one.
    pub fn of_message(
        entry: &'static Entry,
        carrier: &(impl Carrier + ?Sized),
        make_id: Option<MakeId<'_>>,
    ) -> Self {
        Self::of(entry, entry.open_message(&carrier, make_id))
    }

    /// Creates the call of a function that relies on the layer. Without a layer, opens a scope with a new id and logs a
    /// warning.
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

    /// Enters the scope for the call of a function that returns a future. The scope is left when the guard is dropped.
    #[must_use]
    pub fn enter_call(&self) -> Option<Guard> {
        self.scope.clone().map(Guard::new)
    }

    /// Runs the future returned by such a function, with the values that the call has set.
    pub fn run_after_call<F: Future>(mut self, inner: F) -> EntryFuture<F> {
        if let Some(scope) = &mut self.scope {
            if let Some(written) = current::share() {
                *scope = written;
            }
        }
        self.run(inner)
    }

    /// Enters the scope for the call of a synchronous function. The scope is left when the guard is dropped.
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
        // The entry whose response headers have to be set; `None` if an outer entry sets all of them.
        echoes: Option<&'static Entry>,
        missing: Option<MissingValue>,
        // Declared after `inner`, so that it is dropped after it: see `SavedScope`.
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
        // Written so that the function's result, which may be large, is moved only once.
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
    /// Returns the function's result: see [`EntryOutput::into_inner`].
    pub async fn value(self) -> F::Output {
        self.await.into_inner()
    }

    /// Returns the result of a function with a required variable.
    ///
    /// # Errors
    ///
    /// Returns an error if the variable is missing, or if the function returns one.
    pub async fn result<T, E>(self) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<MissingValue>,
    {
        self.await.into_result()?
    }
}

/// The output of a handler annotated with [`#[context_entry]`](crate::context_entry): the value that the function
/// returned, and the request's scope, which is needed to complete the response.
///
/// If `R` is a response of axum, actix-web or poem, so is `EntryOutput<R>`. The response headers are set, and the body
/// is polled in the scope of the request. Code that calls the handler directly, such as a unit test, can compare the
/// output with an `R` or unwrap it:
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
/// A function that returns an `http::Response<B>`, or a `Result` of one, keeps its return type. So does a function with
/// `carrier = ..` or `layer`, for frameworks that do not support this type.
#[must_use]
pub struct EntryOutput<R> {
    pub(crate) value: Result<R, MissingValue>,
    /// The scope for the rest of the response; `None` if an outer entry covers it.
    pub(crate) scope: Scope,
    /// The entry whose response headers have to be set; `None` if an outer entry sets all of them.
    pub(crate) echoes: Option<&'static Entry>,
}

impl<R> EntryOutput<R> {
    /// Returns the value that the function returned.
    ///
    /// # Panics
    ///
    /// Panics if a [`required`](super::Inbound::required) variable is missing: see [`into_result`](Self::into_result).
    #[track_caller]
    pub fn into_inner(self) -> R {
        match self.value {
            Ok(value) => value,
            Err(missing) => panic!("{missing}"),
        }
    }

    /// Returns the value that the function returned.
    ///
    /// # Errors
    ///
    /// Returns an error if a [`required`](super::Inbound::required) variable is missing. The function has not run then.
    pub fn into_result(self) -> Result<R, MissingValue> {
        self.value
    }
}

/// Compares the value that the function returned. If the function did not run, the output is not equal to any value.
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
