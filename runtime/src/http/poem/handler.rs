//! `#[context_entry]` on poem handlers (above `#[handler]`), and the request id as an extractor.

use std::pin::Pin;

use poem::error::IntoResult;
use poem::{Error, FromRequest, IntoResponse, Request, RequestBody, Response, Result};

use super::body::body_in_scope;
use crate::context::request_tag::FoundTag;
use crate::entry::{EntryExtractor, EntryOutput, MissingValue, NoArgument};
use crate::http::extractor::request_id;
use crate::http::respond::respond;
use crate::propagation::carrier::{Carrier, Head, Http};
use crate::request_id::RequestId;

impl Carrier for Request {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http::of_request(self.headers(), self.extensions()))
    }

    fn head(&self) -> Head<'_> {
        Head {
            method: Some(self.method().as_str()),
            path: Some(self.uri().path()),
            peer: self.remote_addr().as_socket_addr().copied(),
            extensions: Some(self.extensions()),
        }
    }
}

impl<'a, T: FromRequest<'a>> FromRequest<'a> for EntryExtractor<T> {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self> {
        let headers = request.headers().clone();
        let found_tag = FoundTag::of(request.extensions().get());
        // Boxed, because otherwise no handler is `Send` (rust-lang/rust#100013). poem does the same for `Option<T>`.
        let value: Pin<Box<dyn Future<Output = Result<T>> + Send + '_>> =
            Box::pin(T::from_request(request, body));
        let value = value.await?;
        Ok(Self::new(headers, found_tag, value))
    }
}

impl<'a> FromRequest<'a> for NoArgument {
    async fn from_request(_: &'a Request, _: &mut RequestBody) -> Result<Self> {
        Ok(Self)
    }
}

/// Extracts the id that a [`ContextLayer`](crate::http::ContextLayer) has assigned to the request.
impl<'a> FromRequest<'a> for RequestId {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        request_id(request.extensions().get()).map_err(poem::error::InternalServerError)
    }
}

impl<R: IntoResponse> IntoResponse for EntryOutput<R> {
    fn into_response(self) -> Response {
        let Self {
            value,
            scope,
            echoes,
        } = self;
        let make = || match value {
            Ok(value) => value.into_response(),
            Err(missing) => rejected(&missing),
        };
        respond(echoes, scope, make, Response::headers_mut, body_in_scope)
    }
}

impl<T, E> IntoResult<Response> for EntryOutput<Result<T, E>>
where
    T: IntoResponse,
    E: Into<Error> + Send + Sync + 'static,
{
    fn into_result(self) -> Result<Response> {
        let Self {
            value,
            scope,
            echoes,
        } = self;
        let mut failed = false;
        let make = || match value {
            Ok(Ok(value)) => value.into_response(),
            Ok(Err(error)) => {
                failed = true;
                error.into().into_response()
            }
            Err(missing) => rejected(&missing),
        };
        let response = respond(echoes, scope, make, Response::headers_mut, body_in_scope);
        // Still an error, for outer middleware that handles errors.
        if failed {
            Err(Error::from_response(response))
        } else {
            Ok(response)
        }
    }
}

fn rejected(missing: &MissingValue) -> Response {
    Response::builder()
        .status(http::StatusCode::BAD_REQUEST)
        .content_type(crate::http::error_response::PROBLEM_JSON)
        .body(missing.to_problem())
}
