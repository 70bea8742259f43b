//! `Entry::accept` and `Entry::serve`: what a middleware of any framework is made of.

use std::error::Error;
use std::fmt;
use std::future::Future;

use http::{Extensions, HeaderMap};

use crate::context::guard::Guard;
use crate::context::in_context::InContext;
use crate::entry::{Entry, MissingValue, OpenedScope};
use crate::propagation::carrier::{Carrier, Http};
use crate::request_id::REQUEST_ID;

impl Entry {
    /// Serves one request of a framework that has no integration here: runs `handle` in the scope of the request, and
    /// writes the id into the headers of what it returns.
    ///
    /// Where the scope of the request is open already, by an outer layer, `handle` runs in that. A middleware calls
    /// [`accept`](Self::accept) instead, which also changes the request that is passed on.
    ///
    /// # Errors
    ///
    /// [`RejectedRequest`], if the request has no valid value of a required variable: `handle` is dropped without being
    /// polled.
    ///
    /// # Example
    ///
    /// ```
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::Entry;
    ///
    /// # async fn serve() -> Result<(), propagate_context::http::RejectedRequest> {
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
    ) -> Result<R, RejectedRequest> {
        let opened = self.open_or_join(headers, true, None);
        let request = AcceptedRequest {
            entry: self,
            opened,
        };
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
    ///         Err(rejected) => {
    ///             let mut response = http::Response::new(rejected.to_problem());
    ///             *response.status_mut() = http::StatusCode::BAD_REQUEST;
    ///             *response.headers_mut() = rejected.into_headers();
    ///             response
    ///         }
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
        let mut opened = self.open_or_join(&HeadOf(headers, extensions), true, None);
        {
            let _guard = opened.scope.clone().map(Guard::new);
            opened.prepare(self, headers);
            if let Some(tag) = opened.tag {
                extensions.insert(tag);
                if let Some(id) = REQUEST_ID.get() {
                    extensions.insert(id);
                }
            }
        }
        AcceptedRequest {
            entry: self,
            opened,
        }
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
}

/// A request whose scope is open: see [`Entry::accept`].
#[must_use = "a request is not served until its future is awaited"]
pub struct AcceptedRequest<'e> {
    entry: &'e Entry,
    opened: OpenedScope,
}

impl AcceptedRequest<'_> {
    /// The required variable that is missing, for which [`serve`](Self::serve) will reject the request.
    #[must_use]
    pub fn missing(&self) -> Option<&MissingValue> {
        self.opened.missing.as_ref()
    }

    /// Runs `handle` in the scope of the request, and writes the id into the headers of what it returns.
    ///
    /// # Errors
    ///
    /// [`RejectedRequest`], if the request has no valid value of a required variable: `handle` is dropped without being
    /// polled.
    pub fn serve<R>(
        self,
        handle: impl Future<Output = R>,
        headers_mut: impl FnOnce(&mut R) -> &mut HeaderMap,
    ) -> impl Future<Output = Result<R, RejectedRequest>> {
        let Self { entry, mut opened } = self;
        let scope = opened.scope.take();
        let served = async move {
            if let Some(missing) = opened.missing.take() {
                drop(handle);
                let mut headers = HeaderMap::new();
                let problem = http::HeaderValue::from_static("application/problem+json");
                headers.insert(http::header::CONTENT_TYPE, problem);
                entry.write_response(&mut headers, opened.echoed.as_ref());
                return Err(RejectedRequest { missing, headers });
            }
            let mut response = handle.await;
            entry.write_response(headers_mut(&mut response), opened.echoed.as_ref());
            Ok(response)
        };
        async move {
            match scope {
                Some(scope) => InContext::entering(scope, served).await,
                None => served.await,
            }
        }
    }
}

/// A request without a valid value of a required variable, to be rejected with status 400.
#[derive(Clone, Debug)]
pub struct RejectedRequest {
    missing: MissingValue,
    headers: HeaderMap,
}

impl RejectedRequest {
    /// What is missing.
    #[must_use]
    pub fn missing(&self) -> &MissingValue {
        &self.missing
    }

    /// The headers of the response: the id, and the content type of [`to_problem`](Self::to_problem).
    #[must_use]
    pub fn into_headers(self) -> HeaderMap {
        self.headers
    }

    /// The body of the response: see [`MissingValue::to_problem`].
    #[must_use]
    pub fn to_problem(&self) -> String {
        self.missing.to_problem()
    }
}

impl fmt::Display for RejectedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.missing.fmt(f)
    }
}

impl Error for RejectedRequest {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.missing)
    }
}

impl fmt::Debug for AcceptedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptedRequest")
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}
