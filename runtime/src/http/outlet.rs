//! The end of a `#[context_entry]` function that returns an `http::Response`.

use std::fmt;

use http::Response;

use super::carrier::Http;
use crate::entry::{Met, Outlet};
use crate::guard::Guard;

/// What has the headers of a response, or may have: generated code writes the id into them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no headers that `#[context_entry]` could write the id to",
    note = "it knows `http::Response<B>` and `Result<http::Response<B>, E>`"
)]
pub trait Answer {
    /// The headers, where there is a response.
    fn headers_mut(&mut self) -> Option<&mut http::HeaderMap>;
}

impl<B> Answer for Response<B> {
    fn headers_mut(&mut self) -> Option<&mut http::HeaderMap> {
        Some(Response::headers_mut(self))
    }
}

impl<B, E> Answer for Result<Response<B>, E> {
    fn headers_mut(&mut self) -> Option<&mut http::HeaderMap> {
        self.as_mut().ok().map(Response::headers_mut)
    }
}

impl<R: Answer> Outlet<R> {
    /// The response with its headers, its type kept: for services that are no handlers of a framework.
    ///
    /// # Panics
    ///
    /// If something is required and missing; generated code calls
    /// [`into_answer_or_refusal`](Self::into_answer_or_refusal) then.
    pub fn into_answer(self) -> R {
        let Self {
            value,
            scope,
            entry,
        } = self;
        let _guard = scope.map(Guard::new);
        match value {
            Ok(mut response) => {
                if let Some(headers) = response.headers_mut() {
                    entry.answer(headers, None);
                }
                response
            }
            Err(missing) => panic!("{missing}"),
        }
    }
}

/// What a refusal can be made into: for entries with `required` that are no handlers of a framework.
#[diagnostic::on_unimplemented(
    message = "`#[context_entry(required)]` cannot make a response of 400 as `{Self}`",
    note = "the body has to be made from a `String`: `http::Response<B>` where `B: From<String>`, or a `Result` of it"
)]
pub trait Refusal: Answer {
    /// The response of status 400.
    fn of_problem(problem: String) -> Self;
}

impl<B: From<String>> Refusal for Response<B> {
    fn of_problem(problem: String) -> Self {
        let mut response = Self::new(problem.into());
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        let content_type = http::HeaderValue::from_static("application/problem+json");
        response
            .headers_mut()
            .insert(http::header::CONTENT_TYPE, content_type);
        response
    }
}

impl<B: From<String>, E> Refusal for Result<Response<B>, E> {
    fn of_problem(problem: String) -> Self {
        Ok(Response::of_problem(problem))
    }
}

impl<R: Refusal> Outlet<R> {
    /// Like [`into_answer`](Self::into_answer), where something is required.
    pub fn into_answer_or_refusal(self) -> R {
        let value = self
            .value
            .or_else(|missing| Ok(R::of_problem(missing.to_problem())));
        Outlet { value, ..self }.into_answer()
    }
}

/// The hidden first argument of a handler: what an entry wants of the request.
pub struct Inlet {
    pub(super) headers: http::HeaderMap,
    pub(super) met: Met,
}

impl crate::Carrier for Inlet {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers.visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http {
            headers: Some(&self.headers),
            met: self.met,
        })
    }
}

impl fmt::Debug for Inlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inlet").finish_non_exhaustive()
    }
}
