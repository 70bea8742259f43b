//! Converts the output of a `#[context_entry]` function that is not a handler of a framework into its response.

use http::Response;

use crate::context::guard::Guard;
use crate::entry::EntryOutput;

/// A type that has, or may have, response headers. Generated code writes the id into them.
#[diagnostic::on_unimplemented(
    message = "`#[context_entry]` cannot write the id into `{Self}`, which has no response headers",
    note = "it can write into `http::Response<B>` and `Result<http::Response<B>, E>`"
)]
pub trait HasResponseHeaders {
    /// Returns the headers, or `None` if there is no response.
    fn headers_mut(&mut self) -> Option<&mut http::HeaderMap>;
}

impl<B> HasResponseHeaders for Response<B> {
    fn headers_mut(&mut self) -> Option<&mut http::HeaderMap> {
        Some(Response::headers_mut(self))
    }
}

impl<B, E> HasResponseHeaders for Result<Response<B>, E> {
    fn headers_mut(&mut self) -> Option<&mut http::HeaderMap> {
        self.as_mut().ok().map(Response::headers_mut)
    }
}

/// Writes the headers into a response of the same type, for services that are not handlers of a framework.
///
/// # Panics
///
/// Panics if a required variable is missing. For entries with required variables, generated code calls
/// [`set_response_headers_or_reject`] instead.
#[inline]
pub fn set_response_headers<R: HasResponseHeaders>(output: EntryOutput<R>) -> R {
    let EntryOutput {
        mut value,
        scope,
        echoes,
    } = output;
    let guard = scope.map(Guard::new);
    if let (Some(entry), Ok(response)) = (echoes, &mut value) {
        if let Some(headers) = response.headers_mut() {
            entry.write_response(headers, None);
        }
    }
    match value {
        Ok(response) => {
            // This is usually the last owner of the scope.
            if let Some(guard) = guard {
                guard.end();
            }
            response
        }
        Err(missing) => panic!("{missing}"),
    }
}

/// A response that can be made from a rejection, for entries with `required` that are not handlers of a framework.
#[diagnostic::on_unimplemented(
    message = "`#[context_entry(required)]` cannot make a 400 response of type `{Self}`",
    note = "its body has to be made from a `String`: `http::Response<B>` where `B: From<String>`, or a `Result` of it"
)]
pub trait FromRejection: HasResponseHeaders {
    /// Returns a response with status 400 and the body `problem`.
    fn of_problem(problem: String) -> Self;
}

// Otherwise the compiler reports only `From`, and lists all types that implement it.
#[diagnostic::do_not_recommend]
impl<B: From<String>> FromRejection for Response<B> {
    fn of_problem(problem: String) -> Self {
        let mut response = Self::new(problem.into());
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        let content_type =
            http::HeaderValue::from_static(crate::http::error_response::PROBLEM_JSON);
        response
            .headers_mut()
            .insert(http::header::CONTENT_TYPE, content_type);
        response
    }
}

#[diagnostic::do_not_recommend]
impl<B: From<String>, E> FromRejection for Result<Response<B>, E> {
    fn of_problem(problem: String) -> Self {
        Ok(Response::of_problem(problem))
    }
}

/// Like [`set_response_headers`], but returns a rejection if a required variable is missing.
pub fn set_response_headers_or_reject<R: FromRejection>(output: EntryOutput<R>) -> R {
    let value = output
        .value
        .or_else(|missing| Ok(R::of_problem(missing.to_problem())));
    set_response_headers(EntryOutput { value, ..output })
}
