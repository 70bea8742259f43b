//! `Inbound::of_cloud`: the request ids of cloud load balancers.

use super::inbound::Inbound;
use crate::request_id::{REQUEST_ID, RequestId};

impl Inbound<RequestId> {
    /// Extracts [`REQUEST_ID`] from the headers of cloud load balancers: `x-request-id` (Heroku, Fly.io, Envoy),
    /// `x-amzn-trace-id` (AWS) and `x-cloud-trace-context` (Google Cloud), in this order.
    ///
    /// From the last two headers, only the part that identifies the request is extracted: the `Root` field of
    /// `Self=1-67891234-..;Root=1-67891233-..`, and the part of `105445aa../1;o=1` before the slash. The cloud
    /// provider's own logs can be searched for this id.
    ///
    /// ```
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::{Entry, Inbound};
    ///
    /// let mut headers = http::HeaderMap::new();
    /// let trace = "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678";
    /// headers.insert("x-amzn-trace-id", http::HeaderValue::from_static(trace));
    /// let context = Entry::new().extract(Inbound::of_cloud()).open(&headers)?;
    /// assert_eq!(context.get(&REQUEST_ID).unwrap().as_str(), "1-67891233-abcdef012345678912345678");
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn of_cloud() -> Self {
        let headers = ["x-request-id", "x-amzn-trace-id", "x-cloud-trace-context"];
        Self::new(&REQUEST_ID)
            .headers(headers)
            .max_len(512)
            .transform(|id| request_part(id).to_owned())
    }
}

/// Returns the part of a trace header that identifies the request. Other ids are returned unchanged.
fn request_part(id: &str) -> &str {
    let root = id
        .split(';')
        .find_map(|field| field.trim().strip_prefix("Root="));
    if let Some(root) = root {
        return root;
    }
    match id.split_once('/') {
        Some((trace, span)) if is_trace_id(trace) && is_span(span) => trace,
        _ if is_trace_id(id.split(';').next().unwrap_or(id)) => id.split(';').next().unwrap_or(id),
        _ => id,
    }
}

fn is_trace_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether the text is a decimal number, optionally followed by options.
fn is_span(text: &str) -> bool {
    let number = text.split(';').next().unwrap_or(text);
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
