//! actix-web: handlers with `#[context_entry]` over a socket.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, ResponseError, get, web};
use futures::stream;
use propagate_context::{ContextVar, context_entry};

use crate::support::wire::{get as fetch, id};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

#[context_entry(header = "X-Request-ID")]
async fn plain() -> String {
    let spawned = actix_web::rt::spawn(async { id() }).await.unwrap();
    format!("{} {spawned}", id())
}

#[get("/above")]
#[context_entry(header = "X-Request-ID")]
async fn above(path: web::Query<Vec<(String, String)>>) -> HttpResponse {
    HttpResponse::Created().body(format!("{} {}", id(), path.len()))
}

#[context_entry(header = "X-Request-ID", vars = [TENANT])]
async fn with_request(request: HttpRequest) -> String {
    format!(
        "{} {} {}",
        id(),
        request.path(),
        TENANT.get().unwrap_or_default()
    )
}

#[derive(Debug)]
struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "failed as {}", id())
    }
}

impl ResponseError for Failed {
    fn status_code(&self) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }
}

#[context_entry(header = "X-Request-ID")]
async fn failing() -> Result<String, Failed> {
    Err(Failed)
}

#[context_entry(header = "X-Request-ID", required)]
async fn requires() -> String {
    id()
}

#[context_entry(header = "X-Request-ID")]
async fn streaming() -> HttpResponse {
    HttpResponse::Ok().streaming(stream::once(async {
        tokio::task::yield_now().await;
        Ok::<_, Error>(web::Bytes::from(id()))
    }))
}

/// Serves on another thread, because actix-web has its own runtime.
pub(crate) fn serve<F, T, B>(app: F) -> SocketAddr
where
    F: Fn() -> App<T> + Send + Clone + 'static,
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let server = HttpServer::new(app)
            .workers(1)
            .disable_signals()
            .client_disconnect_timeout(Duration::ZERO);
        actix_web::rt::System::new().block_on(server.listen(listener).unwrap().run())
    });
    address
}

#[tokio::test]
async fn handlers() {
    let address = serve(|| {
        App::new()
            .service(above)
            .route("/plain", web::get().to(plain))
            .route("/with_request", web::get().to(with_request))
            .route("/failing", web::get().to(failing))
            .route("/requires", web::get().to(requires))
            .route("/streaming", web::get().to(streaming))
    });
    for (path, status, body) in [
        ("/plain", 200, "ID ID"),
        ("/above?a=b", 201, "ID 1"),
        ("/with_request", 200, "ID /with_request acme"),
        ("/failing", 418, "failed as ID"),
        ("/requires", 200, "ID"),
    ] {
        let answer = fetch(
            address,
            path,
            &[("x-request-id", b"order-7"), ("x-tenant", b"acme")],
        )
        .await;
        let expected = body.replace("ID", "order-7");
        assert_eq!(
            (answer.status, answer.id(), answer.body.as_str()),
            (status, "order-7", expected.as_str()),
            "{path}"
        );
    }
    let answer = fetch(address, "/streaming", &[("x-request-id", b"order-7")]).await;
    assert!(answer.body.contains("order-7"), "{}", answer.body);

    let answer = fetch(
        address,
        "/plain",
        &[("x-request-id", b"a"), ("x-request-id", b"b")],
    )
    .await;
    assert_eq!((answer.id().len(), answer.body.len()), (36, 73));
    let answer = fetch(address, "/requires", &[]).await;
    assert_eq!(
        (answer.status, &answer.all("content-type")[..]),
        (400, &["application/problem+json"][..])
    );
}
