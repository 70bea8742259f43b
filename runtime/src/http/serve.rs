//! `AcceptedRequest`: a request whose scope is open, and its response future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
#[cfg(feature = "tower")]
use std::sync::Arc;
use std::task::{self, Poll, ready};

use http::HeaderMap;
use pin_project_lite::pin_project;

use super::catch_panic::catch_and_report;
use super::error_response::{ErrorResponse, Problem};
#[cfg(feature = "tower")]
use super::server_policy::Policy;
use crate::context::saved_scope::SavedScope;
use crate::entry::{Entry, MissingValue, OpenedScope};
use crate::util::diagnostics;

/// A request whose scope is open: see [`Entry::accept`] and `ContextLayer::accept` (feature `tower`).
#[must_use = "a request is not served until its future is awaited"]
pub struct AcceptedRequest<'e> {
    policy: Accepting<'e>,
    opened: Option<OpenedScope>,
    catch_panics: bool,
    panicked: bool,
}

/// The owner of the policy that has accepted a request.
enum Accepting<'e> {
    Entry(&'e Entry),
    #[cfg(feature = "tower")]
    Layer(Arc<Policy<http::request::Parts>>),
}

impl Accepting<'_> {
    fn entry(&self) -> &Entry {
        match self {
            Self::Entry(entry) => entry,
            #[cfg(feature = "tower")]
            Self::Layer(policy) => &policy.entry,
        }
    }
}

#[cfg(feature = "tower")]
impl AcceptedRequest<'static> {
    pub(super) fn of_layer(
        policy: Arc<Policy<http::request::Parts>>,
        parts: &mut http::request::Parts,
    ) -> Self {
        let arrived = if policy.inspects_requests() {
            policy.open_inspected(parts)
        } else {
            Some(policy.open(parts))
        };
        let panicked = arrived.as_ref().is_some_and(|arrived| arrived.panicked);
        let mut opened = arrived.map(|arrived| arrived.opened);
        if let Some(opened) = &mut opened {
            let (headers, extensions) = (&mut parts.headers, &mut parts.extensions);
            opened.prepare_head(&policy.entry, headers, extensions);
        }
        Self {
            opened,
            catch_panics: policy.catch_panics,
            panicked,
            policy: Accepting::Layer(policy),
        }
    }
}

impl<'e> AcceptedRequest<'e> {
    pub(super) const fn of_entry(entry: &'e Entry, opened: OpenedScope) -> Self {
        Self {
            policy: Accepting::Entry(entry),
            opened: Some(opened),
            catch_panics: true,
            panicked: false,
        }
    }

    /// Returns the missing required variable, if any, because of which [`serve`](Self::serve) will reject the request.
    #[must_use]
    pub fn missing(&self) -> Option<&MissingValue> {
        self.opened.as_ref()?.missing.as_ref()
    }

    /// Sets whether a panic of the handler becomes an [`ErrorResponse`].
    ///
    /// The default is `true`. With `false`, the panic unwinds to the caller.
    ///
    /// ```
    /// use http::{HeaderMap, Response};
    /// use propagate_context::entry::Entry;
    ///
    /// let entry = Entry::new();
    /// let (mut headers, mut extensions) = (HeaderMap::new(), http::Extensions::new());
    /// let accepted = entry.accept(&mut headers, &mut extensions).catch_panics(false);
    /// let served = accepted.serve(async { Response::new(()) }, Response::headers_mut);
    /// assert!(futures::executor::block_on(served).is_ok());
    /// ```
    pub fn catch_panics(mut self, catch: bool) -> Self {
        self.catch_panics = catch;
        self
    }

    /// Runs `handle` in the scope of the request, and writes the id into the headers of its response.
    ///
    /// A response body that is polled later runs in the scope only if `handle` has wrapped it: with
    /// `ContextBody::in_current_scope` (feature `tower`), or, for a stream, with
    /// [`in_current_context`](crate::Propagate::in_current_context).
    ///
    /// # Errors
    ///
    /// Returns an [`ErrorResponse`] if the request has no valid value for a required variable, in which case `handle`
    /// is dropped without being polled, or if `handle` panics.
    pub fn serve<F, R, H>(self, handle: F, headers_mut: H) -> Serve<'e, F, H>
    where
        F: Future<Output = R>,
        H: FnOnce(&mut R) -> &mut HeaderMap,
    {
        let mut request = self;
        let opened = request.opened.as_mut();
        let scope = opened.and_then(|opened| opened.scope.take());
        Serve {
            handle: Some(handle),
            headers_mut: Some(headers_mut),
            request,
            scope: scope.map(SavedScope::new),
        }
    }
}

pin_project! {
    /// The response future of an [`AcceptedRequest`].
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Serve<'e, F, H> {
        #[pin]
        handle: Option<F>,
        headers_mut: Option<H>,
        request: AcceptedRequest<'e>,
        // Declared after `handle`, so that it is dropped after it: see `SavedScope`. `None` if an outer entry owns the
        // scope.
        scope: Option<SavedScope>,
    }

    impl<F, H> PinnedDrop for Serve<'_, F, H> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(scope) = this.scope {
                scope.enter_for_drop();
                if this.handle.is_some() {
                    diagnostics::abandoned("request", "its response");
                }
            }
        }
    }
}

impl<F, R, H> Future for Serve<'_, F, H>
where
    F: Future<Output = R>,
    H: FnOnce(&mut R) -> &mut HeaderMap,
{
    type Output = Result<R, ErrorResponse>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let _guard = this.scope.as_mut().map(SavedScope::enter);
        let request = this.request;
        let problem = match &mut request.opened {
            _ if request.panicked => Some(Problem::Panicked),
            Some(opened) => opened.missing.take().map(Problem::Missing),
            None => None,
        };
        let outcome = match (problem, this.handle.as_mut().as_pin_mut()) {
            (Some(problem), _) => Err(problem),
            (None, Some(handle)) => {
                match catch_and_report(request.catch_panics, || handle.poll(cx)) {
                    Ok(polled) => Ok(ready!(polled)),
                    Err(_) => Err(Problem::Panicked),
                }
            }
            (None, None) => panic!("`Serve` polled after completion"),
        };
        // Drop the future here, in the scope. User destructors may panic as well.
        let dropped = catch_and_report(request.catch_panics, || this.handle.set(None));
        let outcome = dropped.map_or(Err(Problem::Panicked), |()| outcome);
        let entry = request.policy.entry();
        let opened = request.opened.as_ref();
        let echoed = opened.and_then(|opened| opened.echoed.as_ref());
        Poll::Ready(match (outcome, this.headers_mut.take()) {
            (Ok(mut response), Some(headers_mut)) if opened.is_some() => {
                entry.write_response(headers_mut(&mut response), echoed);
                Ok(response)
            }
            (Ok(response), _) => Ok(response),
            (Err(problem), _) => {
                let mut error = ErrorResponse::new(problem);
                entry.write_response(error.headers_mut(), echoed);
                Err(error)
            }
        })
    }
}

impl fmt::Debug for AcceptedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptedRequest")
            .field("entry", self.policy.entry())
            .finish_non_exhaustive()
    }
}

impl<F, H> fmt::Debug for Serve<'_, F, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve").finish_non_exhaustive()
    }
}
