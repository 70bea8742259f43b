//! What is written without a library: a middleware with a `task_local!` of tokio, and a formatter that adds the id to each
//! line. The id is in the handler, in the response header and on the lines of that task. Not covered: validation of the id,
//! spawned tasks, threads, streaming bodies, destructors, rejections.

use std::fmt;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static REQUEST_ID: String;
}

pub(crate) async fn request_id(request: Request, next: Next) -> Response {
    let brought = request
        .headers()
        .get(HEADER)
        .and_then(|id| id.to_str().ok());
    let id = brought.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
    let header = HeaderValue::from_str(&id);
    let mut response = REQUEST_ID.scope(id, next.run(request)).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

/// A formatter of JSON lines, with the id as their first member.
pub(crate) struct WithId<F>(pub(crate) F);

impl<S, N, F> FormatEvent<S, N> for WithId<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = FormattedFields::<N>::new(String::new());
        self.0.format_event(ctx, line.as_writer(), event)?;
        match REQUEST_ID.try_with(|id| write!(writer, r#"{{"request_id":"{id}","#)) {
            Ok(written) => written?,
            Err(_) => writer.write_char('{')?,
        }
        writer.write_str(&line.fields[1..])
    }
}
