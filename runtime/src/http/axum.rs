//! `#[context_entry]` on axum handlers.

use std::convert::Infallible;

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use super::body::{ContextBody, Expected};
use super::plain_response::{EntryExtractor, FromRejection};
use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::entry::{EntryOutput, FoundTag};

impl<S: Sync> FromRequestParts<S> for EntryExtractor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            headers: parts.headers.clone(),
            met: FoundTag::of(parts.extensions.get()),
        })
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
