//! `ErrorResponse`: what an entry responds by itself.

use std::error::Error;
use std::fmt;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::entry::MissingValue;

/// The media type of [`MissingValue::to_problem`].
pub(super) const PROBLEM_JSON: &str = "application/problem+json";
/// The body of the response after a panic, which says nothing of it.
pub(super) const PANICKED: &str = "internal server error";

/// The response of an entry itself: 400 where a required variable is missing, 500 after a panic. It has the id.
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

    /// What is missing, unless there was a panic.
    #[must_use]
    pub const fn missing(&self) -> Option<&MissingValue> {
        match &self.problem {
            Problem::Missing(missing) => Some(missing),
            Problem::Panicked => None,
        }
    }

    /// The status of the response.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.problem {
            Problem::Missing(_) => StatusCode::BAD_REQUEST,
            Problem::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The headers of the response: the id, and the content type of [`body`](Self::body).
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body of the response: see [`MissingValue::to_problem`].
    #[must_use]
    pub fn body(&self) -> String {
        match &self.problem {
            Problem::Missing(missing) => missing.to_problem(),
            Problem::Panicked => PANICKED.to_owned(),
        }
    }

    /// The whole response.
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
