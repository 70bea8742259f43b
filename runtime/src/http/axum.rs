//! `#[context_entry]` on axum handlers.

use std::convert::Infallible;

use axum_core::body::Body;
use axum_core::extract::{FromRequest, FromRequestParts, Request};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use super::body::{ContextBody, Expected};
use super::plain_response::FromRejection;
use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::entry::{EntryExtractor, EntryOutput, FoundTag, NoArgument};

impl<S, T> FromRequestParts<S> for EntryExtractor<T>
where
    S: Send + Sync,
    T: FromRequestParts<S>,
{
    type Rejection = T::Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, T::Rejection> {
        // Before `T`, which may take what it finds.
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

/// The response with its headers and, where no layer minds it, its body in the scope of the request.
impl<R: IntoResponse> IntoResponse for EntryOutput<R> {
    fn into_response(self) -> Response {
        let Self {
            value,
            scope,
            entry,
        } = self;
        let mut response = {
            let _guard = scope.clone().map(Guard::new);
            // Code of a user as well: it logs, and reads variables.
            let mut response = match value {
                Ok(value) => value.into_response(),
                Err(missing) => {
                    Response::<String>::of_problem(missing.to_problem()).into_response()
                }
            };
            entry.answer(response.headers_mut(), None);
            response
        };
        if let Some(scope) = scope {
            let mut scoped = ContextBody::of(response, Expected::Perhaps);
            scoped.body_mut().go_on_in(Some(SavedScope::new(scope)));
            response = scoped.map(Body::new);
        }
        response
    }
}
