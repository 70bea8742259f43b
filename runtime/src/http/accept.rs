//! `Entry::accept` and `Entry::serve`: the parts of a middleware for any framework.

use std::future::Future;

use http::{Extensions, HeaderMap};

use super::error_response::ErrorResponse;
use super::serve::AcceptedRequest;
use crate::entry::{Entry, Opener};
use crate::propagation::carrier::{Carrier, Head, Http};

impl Entry {
    /// Runs `handle` in the scope of a request, and writes the id into the headers of its response.
    ///
    /// Use it for a framework that this crate has no integration for. If an outer layer has already opened the scope of
    /// the request, `handle` runs in that scope. A middleware calls [`accept`](Self::accept) instead, which also
    /// changes the request that is passed on.
    ///
    /// # Errors
    ///
    /// Returns an [`ErrorResponse`] if the request has no valid value for a required variable, in which case `handle`
    /// is dropped without being polled, or if `handle` panics.
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
    /// layer does.
    ///
    /// The accepted id is written into the request's header and extensions, and inner entries join the scope. If the
    /// request is untrusted, the headers that variables are extracted from are removed.
    ///
    /// # Example
    ///
    /// A complete middleware for any framework with the header map of the `http` crate:
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
        opened.prepare_head(self, headers, extensions);
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
