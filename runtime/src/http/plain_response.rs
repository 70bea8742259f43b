//! The end of a `#[context_entry]` function that returns an `http::Response`.

use http::Response;

use crate::context::guard::Guard;
use crate::entry::EntryOutput;

/// What has the headers of a response, or may have: generated code writes the id into them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no headers that `#[context_entry]` could write the id to",
    note = "it knows `http::Response<B>` and `Result<http::Response<B>, E>`"
)]
pub trait HasResponseHeaders {
    /// The headers, where there is a response.
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

/// The response with its headers, its type kept: for services that are no handlers of a framework.
///
/// # Panics
///
/// If something is required and missing; generated code calls [`answer_or_refuse`] then.
pub fn answer<R: HasResponseHeaders>(outlet: EntryOutput<R>) -> R {
    let EntryOutput {
        value,
        scope,
        entry,
    } = outlet;
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

/// What a refusal can be made into: for entries with `required` that are no handlers of a framework.
#[diagnostic::on_unimplemented(
    message = "`#[context_entry(required)]` cannot make a response of 400 as `{Self}`",
    note = "the body has to be made from a `String`: `http::Response<B>` where `B: From<String>`, or a `Result` of it"
)]
pub trait FromRejection: HasResponseHeaders {
    /// The response of status 400.
    fn of_problem(problem: String) -> Self;
}

// Else the compiler tells of `From` alone, and of all types that have it.
#[diagnostic::do_not_recommend]
impl<B: From<String>> FromRejection for Response<B> {
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

#[diagnostic::do_not_recommend]
impl<B: From<String>, E> FromRejection for Result<Response<B>, E> {
    fn of_problem(problem: String) -> Self {
        Ok(Response::of_problem(problem))
    }
}

/// Like [`answer`], where something is required.
pub fn answer_or_refuse<R: FromRejection>(outlet: EntryOutput<R>) -> R {
    let value = outlet
        .value
        .or_else(|missing| Ok(R::of_problem(missing.to_problem())));
    answer(EntryOutput { value, ..outlet })
}
