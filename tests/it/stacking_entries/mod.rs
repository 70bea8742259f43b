//! Attributes above and below an entry: each row of the table in its documentation.
//!
//! An attribute below the entry sees the user's parameters and return type, and runs in the scope.

#![expect(
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    clippy::unused_async,
    reason = "handlers have the shapes that frameworks want"
)]

mod actix;
mod debug_handler;
mod instrument;
mod poem_handler;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use propagate_context::{ContextVar, REQUEST_ID, context_entry};
use tower::ServiceExt;
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

static ORDER: ContextVar<u32> = ContextVar::new("order");

/// Returns the id of the scope, or `-`.
fn id() -> String {
    REQUEST_ID
        .get()
        .map_or_else(|| "-".to_owned(), |id| id.to_string())
}

/// Stores each event as `span{fields} event [id]`.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let separator = if self.0.is_empty() { "" } else { " " };
        self.0 += &format!("{separator}{}={value:?}", field.name());
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Lines {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        span: &tracing::span::Id,
        context: Context<'_, S>,
    ) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let span = context.span(span).unwrap();
        span.extensions_mut().insert(fields);
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut line = String::new();
        for span in context.event_scope(event).into_iter().flatten() {
            let extensions = span.extensions();
            let fields = &extensions.get::<Fields>().unwrap().0;
            line += &format!("{}{{{fields}}} ", span.name());
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        line += &format!("{} [{}]", fields.0, id());
        self.0.lock().unwrap().push(line);
    }
}

impl Lines {
    /// Runs `future`, and returns its output and the lines that it logged.
    async fn of<F: Future>(future: F) -> (F::Output, Vec<String>) {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::registry().with(lines.clone());
        let output = future
            .with_subscriber(propagate_context_tests::dispatch(subscriber))
            .await;
        let lines = std::mem::take(&mut *lines.0.lock().unwrap());
        (output, lines)
    }
}

fn message() -> HashMap<String, String> {
    HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())])
}

/// Sends a request with the id `order-7` to `path` of `app`, and returns the status, the id in the header, and the
/// body.
async fn ask(app: Router, method: &str, path: &str) -> (u16, String, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .header("x-request-id", "order-7")
        .body(Body::from("3"))
        .unwrap();
    let response = app.oneshot(request).await.unwrap();
    let echoed = response.headers()["x-request-id"].to_str().unwrap();
    let (status, echoed) = (response.status().as_u16(), echoed.to_owned());
    let body = to_bytes(response.into_body(), 1000).await.unwrap();
    (status, echoed, String::from_utf8(body.to_vec()).unwrap())
}

fn answer(status: u16, body: &str) -> (u16, String, String) {
    (status, "order-7".to_owned(), body.to_owned())
}

mod tests_and_main {
    use super::*;

    #[context_entry(carrier = message())]
    #[tokio::test]
    async fn below() {
        assert_eq!(tokio::spawn(async { id() }).await.unwrap(), "order-7");
    }

    #[tokio::test]
    #[context_entry(carrier = message())]
    async fn above() {
        assert_eq!(tokio::spawn(async { id() }).await.unwrap(), "order-7");
    }

    #[context_entry(carrier = message())]
    #[tokio::test]
    #[tracing::instrument]
    async fn with_another() {
        assert_eq!(tokio::spawn(async { id() }).await.unwrap(), "order-7");
    }

    #[context_entry(carrier = message())]
    #[test]
    #[should_panic(expected = "as order-7")]
    fn builtin() {
        panic!("as {}", id());
    }

    #[context_entry(carrier = message())]
    #[tokio::main(flavor = "current_thread")]
    async fn entry_point() -> String {
        tokio::spawn(async { id() }).await.unwrap()
    }

    #[test]
    fn main_below() {
        assert_eq!(entry_point(), "order-7");
    }
}
