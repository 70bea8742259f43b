//! axum: `#[context_entry]` on handlers, and the request id as an extractor.

use std::convert::Infallible;

use axum_core::body::Body;
use axum_core::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::body::{ContextBody, Expected};
use super::extractor::{MissingRequestId, request_id};
use super::plain_response::FromRejection;
use super::respond::respond;
use crate::context::request_tag::FoundTag;
use crate::context::saved_scope::SavedScope;
use crate::entry::{EntryExtractor, EntryOutput, NoArgument};
use crate::request_id::RequestId;

impl<S, T> FromRequestParts<S> for EntryExtractor<T>
where
    S: Send + Sync,
    T: FromRequestParts<S>,
{
    type Rejection = T::Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, T::Rejection> {
        // Read these before `T` is extracted, which may remove them from `parts`.
        let headers = parts.headers.clone();
        let found_tag = FoundTag::of(parts.extensions.get());
        let value = T::from_request_parts(parts, state).await?;
        Ok(Self::new(headers, found_tag, value))
    }
}

impl<S, T> FromRequest<S> for EntryExtractor<T>
where
    S: Send + Sync,
    T: FromRequest<S>,
{
    type Rejection = T::Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, T::Rejection> {
        let headers = request.headers().clone();
        let found_tag = FoundTag::of(request.extensions().get());
        let value = T::from_request(request, state).await?;
        Ok(Self::new(headers, found_tag, value))
    }
}

impl<S: Sync> FromRequestParts<S> for NoArgument {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// Extracts the id that a [`ContextLayer`](crate::http::ContextLayer) has assigned to the request.
impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = MissingRequestId;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, MissingRequestId> {
        request_id(parts.extensions.get())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Infallible> {
        Ok(request_id(parts.extensions.get()).ok())
    }
}

impl IntoResponse for MissingRequestId {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

impl<R: IntoResponse> IntoResponse for EntryOutput<R> {
    fn into_response(self) -> Response {
        let Self {
            value,
            scope,
            echoes,
        } = self;
        respond(
            echoes,
            scope,
            || match value {
                Ok(value) => value.into_response(),
                Err(missing) => {
                    http::Response::<String>::of_problem(missing.to_problem()).into_response()
                }
            },
            Response::headers_mut,
            |response, scope| {
                let mut response = ContextBody::of(response, Expected::Perhaps);
                response
                    .body_mut()
                    .enter_scope(Some(SavedScope::new(scope)));
                response.map(Body::new)
            },
        )
    }
}
