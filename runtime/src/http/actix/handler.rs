//! `#[context_entry]` on actix-web handlers (above or below `#[get(..)]`), and the request id as an extractor.

use std::convert::Infallible;
use std::fmt;
use std::future::{self, Future, Ready};
use std::pin::Pin;
use std::task::{self, Poll, ready};

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::dev::Payload;
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder, ResponseError,
};

use pin_project_lite::pin_project;

use super::body::ScopedBody;
use crate::context::request_tag::FoundTag;
use crate::entry::{EntryExtractor, EntryOutput, MissingValue, NoArgument};
use crate::http::extractor::{MissingRequestId, request_id};
use crate::http::respond::respond;
use crate::request_id::RequestId;

impl<T: FromRequest> FromRequest for EntryExtractor<T> {
    type Error = T::Error;
    type Future = Extracting<T::Future>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut headers = http::HeaderMap::new();
        for (name, value) in request.headers() {
            let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
            let value = http::HeaderValue::from_bytes(value.as_bytes());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        let found_tag = FoundTag::of(request.extensions().get());
        Extracting {
            value: T::from_request(request, payload),
            request: Some((headers, found_tag)),
        }
    }
}

pin_project! {
    /// The future that extracts an [`EntryExtractor`].
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Extracting<F> {
        #[pin]
        value: F,
        request: Option<(http::HeaderMap, FoundTag)>,
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> Future for Extracting<F> {
    type Output = Result<EntryExtractor<T>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let value = ready!(this.value.poll(cx));
        let (headers, found_tag) = this
            .request
            .take()
            .unwrap_or_else(|| (http::HeaderMap::new(), FoundTag::of(None)));
        Poll::Ready(value.map(|value| EntryExtractor::new(headers, found_tag, value)))
    }
}

impl<F> fmt::Debug for Extracting<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extracting").finish_non_exhaustive()
    }
}

impl FromRequest for NoArgument {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        future::ready(Ok(Self))
    }
}

/// Extracts the id that a [`ContextMiddleware`](crate::http::ContextMiddleware) has assigned to the request.
impl FromRequest for RequestId {
    type Error = MissingRequestId;
    type Future = Ready<Result<Self, MissingRequestId>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        future::ready(request_id(request.extensions().get()))
    }
}

/// Responds with status 500.
impl ResponseError for MissingRequestId {}

impl<R: Responder> Responder for EntryOutput<R> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self {
            value,
            scope,
            echoes,
        } = self;
        let make = || match value {
            Ok(value) => value.respond_to(request).map_into_boxed_body(),
            Err(missing) => rejected(&missing),
        };
        respond(
            echoes,
            scope,
            make,
            HttpResponse::headers_mut,
            |response, scope| {
                response.map_body(|_, body| ScopedBody::new(body, Some(scope)).boxed())
            },
        )
    }
}

pub(super) fn rejected(missing: &MissingValue) -> HttpResponse {
    HttpResponse::BadRequest()
        .content_type(crate::http::error_response::PROBLEM_JSON)
        .body(missing.to_problem())
}
