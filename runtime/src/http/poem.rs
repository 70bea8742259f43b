//! `#[context_entry]` on poem handlers: put it above `#[handler]`.

use std::pin::Pin;
use std::sync::Arc;

use http_body_util::combinators::BoxBody;
use poem::error::IntoResult;
use poem::{Error, FromRequest, IntoResponse, Request, RequestBody, Response, Result};

use super::body::{ContextBody, Expected};
use crate::context::frame::Frame;
use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::entry::{Entry, EntryExtractor, EntryOutput, FoundTag, MissingValue, NoArgument};
use crate::propagation::carrier::Carrier;
use crate::propagation::http::Http;

impl Carrier for Request {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http::of_request(self.headers(), self.extensions()))
    }
}

impl<'a, T: FromRequest<'a>> FromRequest<'a> for EntryExtractor<T> {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self> {
        let headers = request.headers().clone();
        let found_tag = FoundTag::of(request.extensions().get());
        // Boxed, or no handler is `Send` (rust-lang/rust#100013): poem does the same for `Option<T>`.
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

impl<R: IntoResponse> IntoResponse for EntryOutput<R> {
    fn into_response(self) -> Response {
        let Self {
            value,
            scope,
            entry,
        } = self;
        finish(scope, entry, || match value {
            Ok(value) => value.into_response(),
            Err(missing) => refused(&missing),
        })
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
            entry,
        } = self;
        let mut failed = false;
        let response = finish(scope, entry, || match value {
            Ok(Ok(value)) => value.into_response(),
            Ok(Err(error)) => {
                failed = true;
                error.into().into_response()
            }
            Err(missing) => refused(&missing),
        });
        // Still an error, for the middlewares that look for one.
        if failed {
            Err(Error::from_response(response))
        } else {
            Ok(response)
        }
    }
}

/// The response with its headers and, where no layer minds it, its body in the scope of the request.
fn finish(
    scope: Option<Arc<Frame>>,
    entry: &Entry,
    respond: impl FnOnce() -> Response,
) -> Response {
    let mut response = {
        let _guard = scope.clone().map(Guard::new);
        let mut response = respond();
        entry.answer(response.headers_mut(), None);
        response
    };
    if let Some(scope) = scope {
        let inner: http::Response<BoxBody<_, _>> =
            http::Response::from(response).map(BoxBody::from);
        let mut scoped = ContextBody::of(inner, Expected::Perhaps);
        scoped.body_mut().go_on_in(Some(SavedScope::new(scope)));
        response = Response::from(scoped);
    }
    response
}

fn refused(missing: &MissingValue) -> Response {
    Response::builder()
        .status(http::StatusCode::BAD_REQUEST)
        .content_type("application/problem+json")
        .body(missing.to_problem())
}
