//! `Entry::accept` and `Entry::serve`: what a middleware of any framework is made of.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
#[cfg(feature = "tower")]
use std::sync::Arc;
use std::task::{self, Poll, ready};

use http::{Extensions, HeaderMap};
use pin_project_lite::pin_project;

use super::catch_panic::catch_and_report;
use super::error_response::{ErrorResponse, Problem};
#[cfg(feature = "tower")]
use super::server_policy::Policy;
use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::entry::{Entry, MissingValue, OpenedScope, Opener};
use crate::propagation::carrier::{Carrier, Head, Http};
use crate::util::diagnostics;

impl Entry {
    /// Serves one request of a framework that has no integration here: runs `handle` in the scope of the request, and
    /// writes the id into the headers of what it returns.
    ///
    /// Where the scope of the request is open already, by an outer layer, `handle` runs in that. A middleware calls
    /// [`accept`](Self::accept) instead, which also changes the request that is passed on.
    ///
    /// # Errors
    ///
    /// [`ErrorResponse`], if the request has no valid value of a required variable, so that `handle` is dropped without
    /// being polled, or if `handle` panics.
    ///
    /// # Example
    ///
    /// ```
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::Entry;
    ///
    /// # async fn serve() -> Result<(), propagate_context::http::ErrorResponse> {
    /// let request = http::Request::get("/").header("x-request-id", "order-7").body(()).unwrap();
    /// let handle = async { http::Response::new(REQUEST_ID.get().unwrap().to_string()) };
    /// let response = Entry::new().serve(request.headers(), handle, |response| response.headers_mut()).await?;
    /// assert_eq!(response.headers()["x-request-id"], "order-7");
    /// assert_eq!(response.body(), "order-7");
    /// # Ok(())
    /// # }
    /// # futures::executor::block_on(serve()).unwrap();
    /// ```
    pub async fn serve<R>(
        &self,
        headers: &HeaderMap,
        handle: impl Future<Output = R>,
        headers_mut: impl FnOnce(&mut R) -> &mut HeaderMap,
    ) -> Result<R, ErrorResponse> {
        let opened = self.open_or_join(headers, true, None, Opener::Server);
        let request = AcceptedRequest::of_entry(self, opened);
        request.serve(handle, headers_mut).await
    }

    /// Opens the scope of a request, or joins the one that an outer entry opened for it, and changes the request as the
    /// layer does: the accepted id is in its header and its extensions, an inner entry joins, and the headers of an
    /// untrusted request are removed.
    ///
    /// # Example
    ///
    /// A whole middleware, for whatever framework has these header maps:
    ///
    /// ```
    /// use propagate_context::entry::Entry;
    /// use propagate_context::{REQUEST_ID, RequestId};
    ///
    /// # async fn next(request: http::Request<()>) -> http::Response<String> {
    /// #     assert!(request.extensions().get::<RequestId>().is_some());
    /// #     http::Response::new(REQUEST_ID.get().unwrap().to_string())
    /// # }
    /// async fn middleware(entry: &Entry, request: http::Request<()>) -> http::Response<String> {
    ///     let (mut parts, body) = request.into_parts();
    ///     let accepted = entry.accept(&mut parts.headers, &mut parts.extensions);
    ///     let handle = next(http::Request::from_parts(parts, body));
    ///     match accepted.serve(handle, http::Response::headers_mut).await {
    ///         Ok(response) => response,
    ///         Err(error) => error.into_response(), // 400 for a required variable, 500 for a panic
    ///     }
    /// }
    ///
    /// let request = http::Request::get("/").body(()).unwrap();
    /// let response = futures::executor::block_on(middleware(&Entry::new(), request));
    /// assert_eq!(response.headers()["x-request-id"], response.body().as_str());
    /// ```
    pub fn accept(
        &self,
        headers: &mut HeaderMap,
        extensions: &mut Extensions,
    ) -> AcceptedRequest<'_> {
        let mut opened =
            self.open_or_join(&HeadOf(headers, extensions), true, None, Opener::Server);
        mark(&mut opened, self, headers, extensions);
        AcceptedRequest::of_entry(self, opened)
    }
}

/// The parts of a request that an entry reads.
struct HeadOf<'r>(&'r HeaderMap, &'r Extensions);

impl Carrier for HeadOf<'_> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.0.visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http::of_request(self.0, self.1))
    }

    fn head(&self) -> Head<'_> {
        Head {
            extensions: Some(self.1),
            ..Head::default()
        }
    }
}

/// A request whose scope is open: see [`Entry::accept`] and `ContextLayer::accept` (feature `tower`).
#[must_use = "a request is not served until its future is awaited"]
pub struct AcceptedRequest<'e> {
    policy: Accepting<'e>,
    opened: Option<OpenedScope>,
    catch_panics: bool,
    panicked: bool,
}

/// Whose policy has accepted a request.
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
            mark(
                opened,
                &policy.entry,
                &mut parts.headers,
                &mut parts.extensions,
            );
        }
        Self {
            opened,
            catch_panics: policy.catch_panics,
            panicked,
            policy: Accepting::Layer(policy),
        }
    }
}

/// Changes a request as its inner entries are to find it.
fn mark(
    opened: &mut OpenedScope,
    entry: &Entry,
    headers: &mut HeaderMap,
    extensions: &mut Extensions,
) {
    let _guard = opened.scope.clone().map(Guard::new);
    opened.prepare(entry, headers);
    opened.prepare_extensions(extensions);
}

impl<'e> AcceptedRequest<'e> {
    const fn of_entry(entry: &'e Entry, opened: OpenedScope) -> Self {
        Self {
            policy: Accepting::Entry(entry),
            opened: Some(opened),
            catch_panics: true,
            panicked: false,
        }
    }

    /// The required variable that is missing, for which [`serve`](Self::serve) will reject the request.
    #[must_use]
    pub fn missing(&self) -> Option<&MissingValue> {
        self.opened.as_ref()?.missing.as_ref()
    }

    /// Whether a panic of the handler becomes an [`ErrorResponse`], which is the default. With `false` it unwinds to the
    /// caller.
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

    /// Runs `handle` in the scope of the request, and writes the id into the headers of what it returns.
    ///
    /// A body that is polled later is in the scope where `handle` itself has wrapped it: with
    /// `ContextBody::in_current_scope` (feature `tower`), or
    /// [`in_current_context`](crate::Propagate::in_current_context) for a stream.
    ///
    /// # Errors
    ///
    /// [`ErrorResponse`], if the request has no valid value of a required variable, so that `handle` is dropped without
    /// being polled, or if `handle` panics.
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
    /// The response of an [`AcceptedRequest`], in the making.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Serve<'e, F, H> {
        #[pin]
        handle: Option<F>,
        headers_mut: Option<H>,
        request: AcceptedRequest<'e>,
        // Behind `handle`, so that it is dropped after it: see `SavedScope`. `None` where an outer entry has it.
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
        // Here, in the scope. Destructors of the user may panic, too.
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
