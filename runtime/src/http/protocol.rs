//! `Protocol`: the layer's own responses, in HTTP and gRPC.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Version};

use super::error_response::{PANICKED, PROBLEM_JSON};
use crate::entry::MissingValue;

/// The protocol of the client: gRPC has its errors in headers, and cannot read a text body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    Grpc,
}

impl Protocol {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        // The version first: it decides most requests without a look at the headers.
        let is_grpc = request.version() == Version::HTTP_2
            && request
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|content_type| content_type.as_bytes().strip_prefix(b"application/grpc"))
                .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')));
        if is_grpc { Self::Grpc } else { Self::Http }
    }

    pub(super) fn panicked(self) -> Response<Bytes> {
        match self {
            Self::Http => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain; charset=utf-8",
                Bytes::from_static(PANICKED.as_bytes()),
            ),
            Self::Grpc => status("13", PANICKED),
        }
    }

    pub(super) fn rejected(self, missing: &MissingValue) -> Response<Bytes> {
        match self {
            Self::Http => plain(
                StatusCode::BAD_REQUEST,
                PROBLEM_JSON,
                missing.to_problem().into(),
            ),
            Self::Grpc => status("3", &missing.to_string()),
        }
    }
}

fn plain(status: StatusCode, content_type: &'static str, text: Bytes) -> Response<Bytes> {
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A gRPC error, which is all in the headers.
fn status(code: &'static str, message: &str) -> Response<Bytes> {
    let mut response = plain(StatusCode::OK, "application/grpc", Bytes::new());
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("grpc-status"),
        HeaderValue::from_static(code),
    );
    // The standard asks for percent-encoding; these are printable ASCII, so there is nothing to encode.
    if let Ok(message) = HeaderValue::from_str(message) {
        headers.insert(HeaderName::from_static("grpc-message"), message);
    }
    response
}
