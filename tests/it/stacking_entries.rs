//! Attributes above and below an entry: each row of the table in its documentation.
//!
//! What is below sees the user's own parameters and return type, and runs in the scope.

#![expect(
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    clippy::unused_async,
    reason = "handlers have the shapes that frameworks want"
)]

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

/// The id of the scope, or `-`.
fn id() -> String {
    REQUEST_ID
        .get()
        .map_or_else(|| "-".to_owned(), |id| id.to_string())
}

/// Keeps each event as `span{fields} event [id]`.
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

/// Status, id in the header and body of the response of `app` to `path`, whose request has the id `order-7`.
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

mod instrument {
    use axum::extract::Path;
    use axum::routing::get;

    use super::*;

    #[context_entry]
    #[tracing::instrument(skip_all, err)]
    async fn errs(number: Path<u32>) -> Result<String, StatusCode> {
        if number.0 == 0 {
            return Err(StatusCode::IM_A_TEAPOT);
        }
        tracing::info!("inside");
        Ok(tokio::spawn(async { id() }).await.unwrap())
    }

    #[context_entry]
    #[tracing::instrument(ret)]
    async fn returns(Path(number): Path<u32>) -> String {
        format!("{number} {}", id())
    }

    #[context_entry]
    #[tracing::instrument]
    async fn without_arguments() {
        tracing::info!("inside");
    }

    #[tracing::instrument(ret)]
    #[context_entry]
    async fn above(Path(number): Path<u32>) -> String {
        format!("{number} {}", id())
    }

    #[context_entry(set(ORDER = *number))]
    #[tracing::instrument(ret)]
    async fn beside_an_expression(number: Path<u32>) -> Option<u32> {
        ORDER.get()
    }

    // The expression names what the pattern binds.
    #[context_entry(set(ORDER = number))]
    #[tracing::instrument(ret)]
    async fn beside_a_pattern(Path(number): Path<u32>) -> String {
        format!("{number} {:?}", ORDER.get())
    }

    #[context_entry]
    #[cfg_attr(all(), tracing::instrument(ret))]
    #[allow(clippy::unused_async)]
    async fn behind_cfg_attr(Path(number): Path<u32>) -> String {
        number.to_string()
    }

    #[tokio::test]
    async fn sees_the_users_function_and_runs_in_the_scope() {
        let app = Router::new()
            .route("/errs/{n}", get(errs))
            .route("/returns/{n}", get(returns))
            .route("/without_arguments", get(without_arguments))
            .route("/above/{n}", get(above))
            .route(
                "/beside_an_expression/{n}",
                get(async |number: Path<u32>| {
                    format!(
                        "{:?}",
                        beside_an_expression(number.into()).await.into_inner()
                    )
                }),
            )
            .route("/beside_a_pattern/{n}", get(beside_a_pattern))
            .route("/behind_cfg_attr/{n}", get(behind_cfg_attr));
        for (path, status, body, line) in [
            ("/errs/1", 200, "order-7", "errs{} message=inside [order-7]"),
            (
                "/errs/0",
                418,
                "",
                "errs{} error=418 I'm a teapot [order-7]",
            ),
            (
                "/returns/2",
                200,
                "2 order-7",
                "returns{number=2} return=\"2 order-7\" [order-7]",
            ),
            (
                "/without_arguments",
                200,
                "",
                "without_arguments{} message=inside [order-7]",
            ),
            (
                "/above/3",
                200,
                "3 order-7",
                "above{number=3} return=\"3 order-7\" [order-7]",
            ),
            (
                "/beside_a_pattern/5",
                200,
                "5 Some(5)",
                "beside_a_pattern{number=5} return=\"5 Some(5)\" [order-7]",
            ),
            (
                "/behind_cfg_attr/6",
                200,
                "6",
                "behind_cfg_attr{number=6} return=\"6\" [order-7]",
            ),
        ] {
            let (response, lines) = Lines::of(ask(app.clone(), "GET", path)).await;
            assert_eq!(response, answer(status, body), "{path}");
            assert_eq!(lines, [line], "{path}");
        }
        let (output, lines) = Lines::of(beside_an_expression(Path(4).into())).await;
        assert_eq!(output, Some(4));
        assert!(
            lines[0].starts_with("beside_an_expression{number="),
            "{lines:?}"
        );
    }

    struct Worker;

    #[async_trait]
    trait Work {
        async fn work(&self, message: HashMap<String, String>) -> Result<String, String>;
    }

    #[async_trait]
    impl Work for Worker {
        #[context_entry(carrier = message)]
        #[tracing::instrument(skip_all, err)]
        async fn work(&self, message: HashMap<String, String>) -> Result<String, String> {
            Err(format!("{} {}", message.len(), id()))
        }
    }

    impl Worker {
        #[context_entry(carrier = message)]
        #[tracing::instrument(skip_all, ret)]
        async fn method(&self, message: HashMap<String, String>) -> String {
            tokio::spawn(async { id() }).await.unwrap()
        }

        #[context_entry(carrier = message)]
        #[tracing::instrument(skip_all, ret)]
        async fn makes(message: HashMap<String, String>) -> Self {
            tracing::info!(inside = id());
            Self
        }

        #[context_entry(carrier = message)]
        #[tracing::instrument(skip_all, ret)]
        async fn generic<T: Copy + Into<u32>, const N: usize>(
            message: HashMap<String, String>,
            list: &[T; N],
            mut more: impl Iterator<Item = u32>,
        ) -> u32 {
            assert_eq!(id(), "order-7");
            list.iter().map(|n| (*n).into()).sum::<u32>() + more.next().unwrap()
        }
    }

    impl std::fmt::Debug for Worker {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&id())
        }
    }

    #[context_entry(carrier = message)]
    #[tracing::instrument(skip_all, ret)]
    fn not_async(message: HashMap<String, String>) -> String {
        std::thread::spawn(id).join().unwrap()
    }

    #[context_entry(carrier = message)]
    #[tracing::instrument(skip_all, ret)]
    fn returns_future(message: HashMap<String, String>) -> impl Future<Output = String> + Send {
        async { id() }
    }

    #[tokio::test]
    async fn messages_and_methods() {
        let (output, lines) = Lines::of(Worker.work(message())).await;
        assert_eq!(output, Err("1 order-7".to_owned()));
        assert_eq!(lines, ["work{} error=1 order-7 [order-7]"]);

        let (output, lines) = Lines::of(Worker.method(message())).await;
        assert_eq!(output, "order-7");
        assert_eq!(lines, ["method{} return=\"order-7\" [order-7]"]);

        let (_, lines) = Lines::of(Worker::makes(message())).await;
        assert_eq!(
            lines,
            [
                "makes{} inside=\"order-7\" [order-7]",
                "makes{} return=order-7 [order-7]"
            ]
        );

        let generic = Worker::generic::<u8, 2>(message(), &[1, 2], 3..);
        let (output, lines) = Lines::of(generic).await;
        assert_eq!(
            (output, &*lines),
            (6, &["generic{} return=6 [order-7]".to_owned()][..])
        );

        let (output, lines) = Lines::of(async { not_async(message()) }).await;
        assert_eq!(output, "order-7");
        assert_eq!(lines, ["not_async{} return=\"order-7\" [order-7]"]);

        let (output, lines) = Lines::of(async { returns_future(message()).await }).await;
        assert_eq!(output, "order-7");
        assert_eq!(lines, ["returns_future{} return=\"order-7\" [order-7]"]);
    }
}

mod debug_handler {
    use axum::Json;
    use axum::debug_handler;
    use axum::extract::{Query, State};
    use axum::http::HeaderMap;
    use axum::routing::post;

    use super::*;

    #[debug_handler]
    #[context_entry]
    async fn above(Json(number): Json<u32>) -> String {
        format!("{number} {}", id())
    }

    #[debug_handler]
    #[context_entry]
    async fn above_several(
        State(factor): State<u32>,
        Query(query): Query<Vec<(String, String)>>,
        Json(number): Json<u32>,
    ) -> Result<String, StatusCode> {
        Ok(format!("{} {} {}", factor * number, query.len(), id()))
    }

    #[debug_handler]
    #[context_entry]
    async fn above_headers(headers: HeaderMap) -> String {
        format!("{} {}", headers.len(), id())
    }

    #[context_entry]
    #[debug_handler]
    async fn below(State(factor): State<u32>, Json(number): Json<u32>) -> String {
        format!("{} {}", factor * number, id())
    }

    #[context_entry]
    #[debug_handler]
    async fn below_without_arguments() -> String {
        id()
    }

    #[context_entry]
    #[debug_handler(state = u32)]
    #[tracing::instrument(ret)]
    async fn below_with_another(Json(number): Json<u32>) -> String {
        format!("{number} {}", id())
    }

    #[tokio::test]
    async fn both_orders() {
        let app = Router::new()
            .route("/above", post(above))
            .route("/above_several", post(above_several))
            .route("/above_headers", post(above_headers))
            .route("/below", post(below))
            .route("/below_without_arguments", post(below_without_arguments))
            .route("/below_with_another", post(below_with_another))
            .with_state(2);
        for (path, body) in [
            ("/above", "3 order-7"),
            ("/above_several?a=b", "6 1 order-7"),
            ("/above_headers", "2 order-7"),
            ("/below", "6 order-7"),
            ("/below_without_arguments", "order-7"),
            ("/below_with_another", "3 order-7"),
        ] {
            assert_eq!(
                ask(app.clone(), "POST", path).await,
                answer(200, body),
                "{path}"
            );
        }
    }

    /// As many as axum allows: none is added.
    #[debug_handler]
    #[context_entry]
    #[allow(clippy::too_many_arguments)]
    async fn sixteen(
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        _: State<u32>,
        Json(number): Json<u32>,
    ) -> String {
        format!("{number} {}", id())
    }

    #[tokio::test]
    async fn sixteen_extractors() {
        let app = Router::new().route("/", post(sixteen)).with_state(2);
        assert_eq!(ask(app, "POST", "/").await, answer(200, "3 order-7"));
    }
}

mod actix {
    use actix_web::{App, HttpRequest, get, post, test, web};

    use super::*;

    #[get("/above/{n}")]
    #[context_entry]
    async fn above(number: web::Path<u32>, _: HttpRequest) -> String {
        format!("{number} {}", id())
    }

    #[context_entry]
    #[post("/below/{n}")]
    async fn below(number: web::Path<u32>, body: web::Json<u32>) -> String {
        format!("{number} {body} {}", id())
    }

    #[context_entry]
    #[post("/with_another/{n}")]
    #[tracing::instrument(ret)]
    async fn with_another(number: web::Path<u32>) -> String {
        format!("{number} {}", id())
    }

    #[actix_web::test]
    async fn both_orders() {
        let services = (above, below, with_another);
        let app = test::init_service(App::new().service(services)).await;
        for (method, path, body) in [
            (actix_web::http::Method::GET, "/above/1", "1 order-7"),
            (actix_web::http::Method::POST, "/below/2", "2 3 order-7"),
            (
                actix_web::http::Method::POST,
                "/with_another/3",
                "3 order-7",
            ),
        ] {
            let request = test::TestRequest::with_uri(path)
                .method(method)
                .insert_header(("x-request-id", "order-7"))
                .set_json(3)
                .to_request();
            let (response, lines) = Lines::of(test::call_service(&app, request)).await;
            assert_eq!(
                response.headers().get("x-request-id").unwrap(),
                "order-7",
                "{path}"
            );
            assert_eq!(test::read_body(response).await, body, "{path}");
            let expected: &[&str] = if path == "/with_another/3" {
                &["with_another{number=Path(3)} return=\"3 order-7\" [order-7]"]
            } else {
                &[]
            };
            assert_eq!(lines, expected);
        }
    }
}

mod poem_handler {
    use poem::web::Path;
    use poem::{Endpoint, Request, Route, get, handler};

    use super::*;

    #[context_entry]
    #[handler]
    async fn below(Path(number): Path<u32>, body: String) -> poem::Result<String> {
        Ok(format!("{number} {body} {}", id()))
    }

    #[context_entry]
    #[handler]
    async fn without_arguments() -> String {
        id()
    }

    #[context_entry]
    #[handler]
    #[tracing::instrument(ret, err)]
    async fn with_another(Path(number): Path<u32>) -> poem::Result<String> {
        Ok(format!("{number} {}", id()))
    }

    /// With the request among its arguments, which has the headers.
    #[handler]
    #[context_entry]
    async fn above(request: &Request, Path(number): Path<u32>) -> poem::Result<String> {
        Ok(format!("{number} {} {}", request.method(), id()))
    }

    #[tokio::test]
    async fn both_orders() {
        let app = Route::new()
            .at("/below/:n", get(below))
            .at("/without_arguments", get(without_arguments))
            .at("/with_another/:n", get(with_another))
            .at("/above/:n", get(above));
        for (path, body) in [
            ("/below/1", "1 3 order-7"),
            ("/without_arguments", "order-7"),
            ("/with_another/2", "2 order-7"),
            ("/above/3", "3 GET order-7"),
        ] {
            let request = Request::builder()
                .uri_str(path)
                .header("x-request-id", "order-7")
                .body("3");
            let (response, lines) = Lines::of(app.get_response(request)).await;
            assert_eq!(response.header("x-request-id"), Some("order-7"), "{path}");
            let text = response.into_body().into_string().await.unwrap();
            assert_eq!(text, body, "{path}");
            let expected: &[&str] = if path == "/with_another/2" {
                &["with_another{number=2} return=\"2 order-7\" [order-7]"]
            } else {
                &[]
            };
            assert_eq!(lines, expected);
        }
    }
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
