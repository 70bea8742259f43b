//! actix-web's route attributes.

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
