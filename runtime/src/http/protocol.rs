//! `Protocol`: the layer's own responses for HTTP and gRPC.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Version};

use super::error_response::{PANICKED, PROBLEM_JSON};
use crate::entry::MissingValue;

/// The protocol of the client. A gRPC client reads errors from headers, and cannot read a text body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    Grpc,
}

impl Protocol {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        // Check the version first: for most requests it is sufficient, without reading any headers.
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

/// Returns a gRPC error, which consists of headers only.
fn status(code: &'static str, message: &str) -> Response<Bytes> {
    let mut response = plain(StatusCode::OK, "application/grpc", Bytes::new());
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("grpc-status"),
        HeaderValue::from_static(code),
    );
    // The gRPC specification requires percent-encoding. These messages are printable ASCII, in which that concerns only a
    // `%` in the name of a header or baggage member.
    if let Ok(message) = HeaderValue::from_str(&message.replace('%', "%25")) {
        headers.insert(HeaderName::from_static("grpc-message"), message);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_sign_in_a_grpc_message_is_encoded() {
        let response = status("3", "missing request header `x-100%`");
        let message = &response.headers()["grpc-message"];
        assert_eq!(message, "missing request header `x-100%25`");
    }
}
