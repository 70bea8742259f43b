//! `Inbound::of_cloud`: the request ids of load balancers.

use super::inbound::Inbound;
use crate::request_id::{REQUEST_ID, RequestId};

impl Inbound<RequestId> {
    /// [`REQUEST_ID`] behind the load balancer of a cloud: looked for in `x-request-id` (Heroku, Fly.io, Envoy),
    /// `x-amzn-trace-id` (AWS) and `x-cloud-trace-context` (Google Cloud), in this order.
    ///
    /// Of the latter two the part that names the request is accepted: the `Root` of
    /// `Self=1-67891234-..;Root=1-67891233-..`, and what is before the slash of `105445aa../1;o=1`. The cloud's own logs
    /// can be searched for that id.
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

/// The part of a cloud's trace header that names the request; other ids as they are.
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

/// A decimal number, and perhaps options.
fn is_span(text: &str) -> bool {
    let number = text.split(';').next().unwrap_or(text);
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
