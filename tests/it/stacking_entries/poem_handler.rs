//! poem's `#[handler]`.

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

/// The request, which has the headers, is among its arguments.
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
