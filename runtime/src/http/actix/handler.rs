//! `#[context_entry]` on actix-web handlers: put it below `#[get(..)]`, or above.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder};

use super::body::ScopedBody;
use crate::context::guard::Guard;
use crate::entry::{EntryOutput, FoundTag, MissingValue};
use crate::http::plain_response::EntryExtractor;

impl FromRequest for EntryExtractor {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut headers = http::HeaderMap::new();
        for (name, value) in request.headers() {
            let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
            let value = http::HeaderValue::from_bytes(value.as_bytes());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        let met = FoundTag::of(request.extensions().get());
        ready(Ok(Self { headers, met }))
    }
}

/// The response with its headers and, where no middleware minds it, its body in the scope of the request.
impl<R: Responder> Responder for EntryOutput<R> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self {
            value,
            scope,
            entry,
        } = self;
        let response = {
            let _guard = scope.clone().map(Guard::new);
            let mut response = match value {
                Ok(value) => value.respond_to(request).map_into_boxed_body(),
                Err(missing) => refused(&missing),
            };
            entry.answer(response.headers_mut(), None);
            response
        };
        response.map_body(|_, body| ScopedBody::new(body, scope).boxed())
    }
}

pub(super) fn refused(missing: &MissingValue) -> HttpResponse {
    HttpResponse::BadRequest()
        .content_type("application/problem+json")
        .body(missing.to_problem())
}
