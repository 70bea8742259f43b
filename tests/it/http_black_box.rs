//! For any input on any route, the response has exactly one valid id, each log line has the same id, and the raw value
//! of a rejected header appears nowhere.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{StreamExt as _, stream};
use propagate_context::http::ContextLayer;
use propagate_context::{REQUEST_ID, RequestId};
use tower_http::timeout::TimeoutLayer;
use tracing::info;

use crate::support::wire::{Log, ask, serve};

const TOO_LONG: &[u8] = &[b'a'; 201];
const HUGE: &[u8] = &[b'a'; 8000];
const LONGEST: &[u8] = &[b'z'; 200];

type Inbound = (&'static [&'static [u8]], Option<&'static str>, &'static str);

/// The input, the accepted value, and the text of the `debug` line if the input is rejected.
#[rustfmt::skip]
const INBOUND: &[Inbound] = &[
    (&[],                                  None,                       ""),
    (&[b"order-7"],                        Some("order-7"),            ""),
    (&[b"a"],                              Some("a"),                  ""),
    (&[b"A.z_0:9@b/c+d=e-f"],              Some("A.z_0:9@b/c+d=e-f"),  ""),
    (&[b"  padded  "],                     Some("padded"),             ""),
    (&[LONGEST],                           Some(LONGEST_TEXT),         ""),
    (&[TOO_LONG],                          None,                       "too long (201 bytes of at most 200)"),
    (&[HUGE],                              None,                       "too long (8000 bytes of at most 200)"),
    (&[b""],                               None,                       "is empty"),
    (&[b"   "],                            None,                       "is empty"),
    (&[b"two words"],                      None,                       "at byte 3"),
    (&[b"a,b"],                            None,                       "at byte 1"),
    (&[b"a\",\"admin\":true"],             None,                       "at byte 1"),
    (&[b"<script>"],                       None,                       "at byte 0"),
    (&[b"%0d%0aset-cookie:x"],             None,                       "at byte 0"),
    (&[b"${jndi:ldap://x}"],               None,                       "at byte 0"),
    (&[b"a\tb"],                           None,                       "not printable ASCII (3 bytes)"),
    (&["m\u{fc}ller".as_bytes()],          None,                       "not printable ASCII (7 bytes)"),
    (&["\u{202e}evil".as_bytes()],         None,                       "not printable ASCII (7 bytes)"),
    (&[b"\xff\xfe"],                       None,                       "not printable ASCII (2 bytes)"),
    (&[b"twice", b"twice"],                None,                       "occurs 2 times"),
    (&[b"one", b"two", b"three"],          None,                       "occurs 3 times"),
];

const LONGEST_TEXT: &str = match std::str::from_utf8(LONGEST) {
    Ok(text) => text,
    Err(_) => panic!(),
};

/// Routes, their status codes, and how many lines their code logs.
#[rustfmt::skip]
const ROUTES: &[(&str, &str, &str, u16, usize)] = &[
    ("GET",  "/ok",       "",         200, 1),
    ("HEAD", "/ok",       "",         200, 1),
    ("GET",  "/empty",    "",         204, 1),
    ("GET",  "/nowhere",  "",         404, 0),
    ("POST", "/ok",       "",         405, 0),
    ("POST", "/json",     "[1]",      200, 1),
    ("POST", "/json",     "[1, not", 400, 0),
    ("GET",  "/redirect", "",         303, 1),
    ("GET",  "/error",    "",         500, 2),
    ("GET",  "/panic",    "",         500, 2),
    ("GET",  "/slow",     "",         408, 2),
    ("GET",  "/stream",   "",         200, 4),
];

fn app() -> Router {
    Router::new()
        .route("/ok", get(async || info!("in the handler")))
        .route(
            "/empty",
            get(async || {
                info!("in the handler");
                StatusCode::NO_CONTENT
            }),
        )
        .route(
            "/json",
            post(async |_: Json<Vec<u32>>| info!("in the handler")),
        )
        .route(
            "/redirect",
            get(async || {
                info!("in the handler");
                Redirect::to("/ok")
            }),
        )
        .route(
            "/error",
            get(async || {
                info!("in the handler");
                Err::<(), _>(Failed)
            }),
        )
        .route("/panic", get(panics))
        .route("/slow", get(slow).layer(timeout()))
        .route("/stream", get(streamed))
        .layer(ContextLayer::new())
}

fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(1))
}

struct Failed;

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        info!("made into a response");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

async fn panics() {
    info!("in the handler");
    panic!("as the test wants");
}

/// Logs a line when it is dropped, which happens at the timeout.
struct Told;

impl Drop for Told {
    fn drop(&mut self) {
        info!("dropped");
    }
}

async fn slow() {
    let _told = Told;
    info!("in the handler");
    std::future::pending::<()>().await;
}

async fn streamed() -> Body {
    info!("in the handler");
    Body::from_stream(stream::iter(0..3).then(async |n| {
        tokio::task::yield_now().await;
        info!("chunk");
        let id = REQUEST_ID.get().map(|id| id.to_string());
        Ok::<_, Infallible>(format!("{n} {id:?}\n"))
    }))
}

#[tokio::test]
async fn any_header_on_any_route() {
    let log = Log::capture();
    let address = serve(app()).await;
    for (values, taken, refusal) in INBOUND {
        for (method, path, body, status, lines) in ROUTES {
            let mut headers: Vec<(&str, &[u8])> = vec![("content-type", b"application/json")];
            headers.extend(values.iter().map(|value| ("X-Request-ID", *value)));
            let answer = ask(address, method, path, &headers, body).await;
            let case = format!(
                "{method} {path} {:?}",
                values
                    .iter()
                    .map(|v| v.escape_ascii().to_string())
                    .collect::<Vec<_>>()
            );

            assert_eq!(answer.status, *status, "{case}");
            let id = answer.id();
            match taken {
                Some(taken) => assert_eq!(id, *taken, "{case}"),
                None => assert_eq!(RequestId::try_from(id).map(|_| id.len()), Ok(36), "{case}"),
            }
            if *path == "/stream" {
                assert_eq!(
                    answer.body.matches(&format!("Some(\"{id}\")")).count(),
                    3,
                    "{case}: {}",
                    answer.body
                );
            }

            let told = log.take();
            for line in &told {
                assert_eq!(line.id().as_deref(), Some(id), "{case}: {}", line.text);
            }
            let (own, others): (Vec<_>, Vec<_>) = told
                .iter()
                .partition(|line| line.says("dropped context value"));
            assert_eq!(others.len(), *lines, "{case}: {others:#?}");
            assert_eq!(
                own.len(),
                usize::from(!refusal.is_empty()),
                "{case}: {own:#?}"
            );
            for line in own {
                assert!(line.says(refusal), "{case}: {}", line.text);
                assert!(line.says("\"level\":\"DEBUG\""), "{case}: {}", line.text);
            }
            for value in values
                .iter()
                .filter(|value| taken.is_none() && !value.trim_ascii().is_empty())
            {
                let raw = String::from_utf8_lossy(value);
                assert!(
                    told.iter().all(|line| !line.says(&raw)),
                    "{case} is on a line"
                );
            }
        }
    }
}

/// Values that an HTTP parser rejects do not reach the layer; values that it accepts are not logged raw.
#[tokio::test]
async fn a_header_set_by_the_handler_is_kept() {
    let own = async || {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "mine".parse().unwrap());
        headers
    };
    let address = serve(
        Router::new()
            .route("/", get(own))
            .layer(ContextLayer::new()),
    )
    .await;
    let answer = crate::support::wire::get(address, "/", &[("x-request-id", b"theirs")]).await;
    assert_eq!(answer.id(), "mine");
}
