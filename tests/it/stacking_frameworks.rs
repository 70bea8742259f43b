//! Attributes of web frameworks above and below `#[propagate_context]`: the table in the documentation of the
//! attribute.

use propagate_context::{ContextVar, propagate_context};

static ID: ContextVar<u32> = ContextVar::new("id");

async fn spawned() -> Option<u32> {
    tokio::task::yield_now().await;
    ID.get()
}

mod actix {
    use actix_web::{App, HttpRequest, HttpResponse, get, post, test, web};

    use super::*;

    #[get("/above/{n}")]
    #[propagate_context]
    async fn above(n: web::Path<u32>, _: HttpRequest) -> HttpResponse {
        ID.set(*n);
        let seen = tokio::spawn(spawned()).await.unwrap();
        HttpResponse::Ok().body(format!("{seen:?}"))
    }

    #[propagate_context]
    #[post("/below/{n}")]
    async fn below(n: web::Path<u32>, _: HttpRequest) -> HttpResponse {
        ID.set(*n);
        let seen = tokio::spawn(spawned()).await.unwrap();
        HttpResponse::Ok().body(format!("{seen:?}"))
    }

    #[actix_web::test]
    async fn both_orders() {
        let app = test::init_service(App::new().service(above).service(below)).await;
        let request = test::TestRequest::get().uri("/above/1").to_request();
        assert_eq!(test::call_and_read_body(&app, request).await, "Some(1)");
        let request = test::TestRequest::post().uri("/below/2").to_request();
        assert_eq!(test::call_and_read_body(&app, request).await, "Some(2)");
    }
}

mod poem_handler {
    use poem::web::Path;
    use poem::{Endpoint, Request, Result, Route, get, handler};

    use super::*;

    #[handler]
    #[propagate_context]
    async fn above(Path(n): Path<u32>) -> Result<String> {
        ID.set(n);
        let seen = tokio::spawn(spawned()).await.unwrap();
        Ok(format!("{seen:?}"))
    }

    #[propagate_context]
    #[handler]
    async fn below(Path(n): Path<u32>) -> Result<String> {
        ID.set(n);
        let seen = tokio::spawn(spawned()).await.unwrap();
        Ok(format!("{seen:?}"))
    }

    #[propagate_context]
    #[handler]
    fn sync_below(Path(n): Path<u32>) -> String {
        ID.set(n);
        let seen = std::thread::spawn(|| ID.get()).join().unwrap();
        format!("{seen:?}")
    }

    #[tokio::test]
    async fn both_orders() {
        let app = Route::new()
            .at("/above/:n", get(above))
            .at("/below/:n", get(below))
            .at("/sync/:n", get(sync_below));
        for (path, expected) in [
            ("/above/1", "Some(1)"),
            ("/below/2", "Some(2)"),
            ("/sync/3", "Some(3)"),
        ] {
            let request = Request::builder().uri_str(path).finish();
            let response = app.get_response(request).await;
            assert_eq!(response.into_body().into_string().await.unwrap(), expected);
        }
    }
}

mod axum_debug_handler {
    use axum::body::{Body, to_bytes};
    use axum::extract::{Path, State};
    use axum::http::Request;
    use axum::routing::get;
    use axum::{Router, debug_handler};
    use tower::ServiceExt;

    use super::*;

    #[debug_handler]
    #[propagate_context]
    async fn above(State(()): State<()>, Path(n): Path<u32>) -> Result<String, String> {
        ID.set(n);
        let seen = tokio::spawn(spawned()).await.unwrap();
        Ok(format!("{seen:?}"))
    }

    #[propagate_context]
    #[debug_handler]
    async fn below(State(()): State<()>, Path(n): Path<u32>) -> Result<String, String> {
        ID.set(n);
        let seen = tokio::spawn(spawned()).await.unwrap();
        Ok(format!("{seen:?}"))
    }

    #[tokio::test]
    async fn both_orders() {
        let app = Router::new()
            .route("/above/{n}", get(above))
            .route("/below/{n}", get(below))
            .with_state(());
        for (path, expected) in [("/above/1", "Some(1)"), ("/below/2", "Some(2)")] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), expected);
        }
    }
}
