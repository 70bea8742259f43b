//! `ErrorResponse`: the response of an entry itself.

use std::error::Error;
use std::fmt;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::entry::MissingValue;

/// The media type of [`MissingValue::to_problem`].
pub(super) const PROBLEM_JSON: &str = "application/problem+json";
/// The body of the response after a panic. It does not reveal anything about the panic.
pub(super) const PANICKED: &str = "internal server error";

/// The response of an entry itself: status 400 if a required variable is missing, or 500 after a panic.
///
/// Its headers contain the id.
#[derive(Clone, Debug)]
pub struct ErrorResponse {
    problem: Problem,
    headers: HeaderMap,
}

#[derive(Clone, Debug)]
pub(super) enum Problem {
    Missing(MissingValue),
    Panicked,
}

impl Problem {
    const fn content_type(&self) -> &'static str {
        match self {
            Self::Missing(_) => PROBLEM_JSON,
            Self::Panicked => "text/plain; charset=utf-8",
        }
    }
}

impl ErrorResponse {
    pub(super) fn new(problem: Problem) -> Self {
        let content_type = HeaderValue::from_static(problem.content_type());
        Self {
            problem,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
        }
    }

    pub(super) const fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// Returns the missing required variable, or `None` after a panic.
    #[must_use]
    pub const fn missing(&self) -> Option<&MissingValue> {
        match &self.problem {
            Problem::Missing(missing) => Some(missing),
            Problem::Panicked => None,
        }
    }

    /// Returns the status of the response.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.problem {
            Problem::Missing(_) => StatusCode::BAD_REQUEST,
            Problem::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the headers of the response: the id, and the content type of [`body`](Self::body).
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body of the response.
    ///
    /// For a missing variable, this is [`MissingValue::to_problem`].
    #[must_use]
    pub fn body(&self) -> String {
        match &self.problem {
            Problem::Missing(missing) => missing.to_problem(),
            Problem::Panicked => PANICKED.to_owned(),
        }
    }

    /// Converts the error into a complete response.
    #[must_use]
    pub fn into_response<B: From<String>>(self) -> Response<B> {
        let mut response = Response::new(self.body().into());
        *response.status_mut() = self.status();
        *response.headers_mut() = self.headers;
        response
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Missing(missing) => missing.fmt(f),
            Problem::Panicked => f.write_str("the handler panicked"),
        }
    }
}

impl Error for ErrorResponse {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.missing().map(|missing| missing as _)
    }
}
