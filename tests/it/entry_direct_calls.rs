//! A unit test calls an entry like any other function, without naming a hidden type.

use std::collections::HashMap;

use http::{HeaderMap, HeaderValue, StatusCode};
use propagate_context::entry::EntryExtractor;
use propagate_context::{REQUEST_ID, context_entry};

fn id() -> String {
    REQUEST_ID.get().unwrap().to_string()
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-request-id", HeaderValue::from_static("order-7"));
    headers
}

mod axum_handlers {
    use axum::extract::{Path, State};

    use super::*;

    #[context_entry]
    async fn show(Path(number): Path<u32>, State(shop): State<&str>) -> Result<String, StatusCode> {
        if number == 0 {
            return Err(StatusCode::NOT_FOUND);
        }
        Ok(format!("{number} {shop} {}", id()))
    }

    #[context_entry]
    async fn health() -> &'static str {
        "ok"
    }

    #[tokio::test]
    async fn are_called() {
        let show_seven = show(
            EntryExtractor::with_headers(headers(), Path(7)),
            State("shop"),
        );
        assert_eq!(show_seven.await, Ok("7 shop order-7".to_owned()));
        let output = show(Path(0).into(), State("shop")).await;
        assert_eq!(output.into_inner(), Err(StatusCode::NOT_FOUND));
        assert_eq!(health(EntryExtractor::default()).await, "ok");
    }
}

mod actix_handlers {
    use actix_web::{HttpResponse, web};

    use super::*;

    #[context_entry]
    async fn show(number: web::Path<u32>) -> HttpResponse {
        HttpResponse::Ok().body(format!("{number} {}", id()))
    }

    #[actix_web::test]
    async fn are_called() {
        let number = web::Path::from(7);
        let response = show(EntryExtractor::with_headers(headers(), number)).await;
        let body = response.into_inner().into_body();
        let body = actix_web::body::to_bytes(body).await.unwrap();
        assert_eq!(body, "7 order-7");
    }
}

mod poem_handlers {
    use poem::web::Path;
    use poem::{Endpoint, Request, handler};

    use super::*;

    #[context_entry]
    #[handler]
    async fn show(Path(number): Path<u32>) -> String {
        format!("{number} {}", id())
    }

    /// `#[handler]` turns the function into an endpoint, so the test calls the endpoint.
    #[tokio::test]
    async fn are_called() {
        let route = poem::Route::new().at("/:number", show);
        let request = Request::builder()
            .uri_str("/7")
            .header("x-request-id", "order-7");
        let response = route.get_response(request.finish()).await;
        assert_eq!(
            response.into_body().into_string().await.unwrap(),
            "7 order-7"
        );
    }
}

mod other_functions {
    use super::*;

    #[context_entry]
    async fn with_headers(headers: HeaderMap) -> Result<String, String> {
        if headers.is_empty() {
            return Err("no headers".to_owned());
        }
        Ok(id())
    }

    #[context_entry]
    async fn service(request: http::Request<String>) -> http::Response<String> {
        http::Response::new(format!("{} {}", request.body(), id()))
    }

    #[context_entry(carrier = headers)]
    async fn with_a_carrier(headers: HeaderMap) -> Result<String, String> {
        Ok(format!("{} {}", headers.len(), id()))
    }

    #[context_entry(carrier = message)]
    fn job(message: &HashMap<String, String>) -> usize {
        message.len() + id().len()
    }

    #[tokio::test]
    async fn are_called() {
        assert_eq!(with_headers(headers()).await, Ok("order-7".to_owned()));
        let output = with_headers(HeaderMap::new()).await.into_inner();
        assert_eq!(output.unwrap_err(), "no headers");

        let mut request = http::Request::new("body".to_owned());
        *request.headers_mut() = headers();
        let response = service(request).await;
        assert_eq!(response.headers()["x-request-id"], "order-7");
        assert_eq!(response.into_body(), "body order-7");

        let output: Result<String, String> = with_a_carrier(headers()).await;
        assert_eq!(output.unwrap(), "1 order-7");

        let message = HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())]);
        assert_eq!(job(&message), 8);
    }

    #[context_entry(required)]
    async fn requires(_headers: HeaderMap) -> String {
        id()
    }

    #[tokio::test]
    async fn report_missing_values() {
        let missing = requires(HeaderMap::new()).await.into_result().unwrap_err();
        assert_eq!(missing.to_string(), "the header `x-request-id` is missing");
        assert_eq!(requires(headers()).await.into_result().unwrap(), "order-7");
    }
}

mod jobs {
    use propagate_context::ContextVar;

    use super::*;

    static WORKER: ContextVar<u32> = ContextVar::new("worker");
    static OTHER: ContextVar<u32> = ContextVar::new("other");

    #[context_entry(carrier = none)]
    async fn nightly() -> String {
        id()
    }

    #[context_entry(carrier = message, keeping = [WORKER])]
    async fn handle(message: HashMap<String, String>) -> (String, Option<u32>, Option<u32>) {
        (id(), WORKER.get(), OTHER.get())
    }

    #[tokio::test]
    async fn start_from_an_empty_context() {
        assert_eq!(nightly().await.len(), 36);
    }

    #[tokio::test]
    async fn keep_the_values_of_the_receiver() {
        let message = HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())]);
        let handled = WORKER.scope(1, OTHER.scope(2, handle(message)));
        assert_eq!(handled.await, ("order-7".to_owned(), Some(1), None));
    }
}
