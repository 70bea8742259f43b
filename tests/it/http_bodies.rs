//! The body of a response is polled and dropped in the scope of its request, and is otherwise unchanged.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use axum::routing::get;
use futures::{StreamExt as _, stream};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use propagate_context::http::{ContextBody, ContextLayer};
use propagate_context::{ContextVar, REQUEST_ID};
use propagate_context_tests::OnDrop;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tracing::info;

use crate::support::wire::{Log, all_have_id, ask, request, serve};

static USER: ContextVar<&str> = ContextVar::new("user").logged();

fn id() -> String {
    REQUEST_ID
        .get()
        .map_or_else(|| "none".to_owned(), |id| id.to_string())
}

/// A body that creates a chunk on demand, with the id of the current scope.
fn on_demand(mut asked: mpsc::Receiver<()>) -> Body {
    let told = OnDrop(|| info!("the body is dropped"));
    let chunks = stream::poll_fn(move |cx| {
        let _told = &told;
        asked
            .poll_recv(cx)
            .map(|asked| asked.map(|()| Ok::<_, Infallible>(id())))
    });
    Body::from_stream(chunks)
}

#[tokio::test]
async fn interleaved_streams_have_their_own_ids() {
    let service = ContextLayer::new().layer(service_fn(
        async |mut request: Request<mpsc::Receiver<()>>| {
            let (_, asked) = mpsc::channel(1);
            let asked = std::mem::replace(request.body_mut(), asked);
            Ok::<_, Infallible>(axum::response::Response::new(on_demand(asked)))
        },
    ));
    let open = |id: &'static str| {
        let (ask, asked) = mpsc::channel(1);
        let request = Request::builder()
            .header("x-request-id", id)
            .body(asked)
            .unwrap();
        let service = service.clone();
        async move { (ask, service.oneshot(request).await.unwrap().into_body()) }
    };
    let (ask_a, mut a) = open("a").await;
    let (ask_b, mut b) = open("b").await;
    for _ in 0..3 {
        ask_a.send(()).await.unwrap();
        ask_b.send(()).await.unwrap();
        assert_eq!(b.frame().await.unwrap().unwrap().into_data().unwrap(), "b");
        assert_eq!(a.frame().await.unwrap().unwrap().into_data().unwrap(), "a");
        assert_eq!(id(), "none");
    }
}

#[tokio::test]
async fn lines_about_a_client_disconnect_have_the_id() {
    let log = Log::capture();
    let (tell, mut told) = mpsc::unbounded_channel();
    let endless = async move || {
        let (polled, dropped) = (tell.clone(), tell);
        let guard = OnDrop(move || {
            info!("the body is dropped");
            dropped.send("dropped").unwrap();
        });
        let mut chunks = 1;
        Body::from_stream(stream::poll_fn(move |_| {
            let _guard = &guard;
            if chunks == 1 {
                chunks = 0;
                return Poll::Ready(Some(Ok::<_, Infallible>("chunk")));
            }
            polled.send("polled").unwrap();
            Poll::Pending
        }))
    };
    let address = serve(
        Router::new()
            .route("/", get(endless))
            .layer(ContextLayer::new()),
    )
    .await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(&request("GET", "/", &[("x-request-id", b"gone")], ""))
        .await
        .unwrap();
    stream.read_u8().await.unwrap();
    assert_eq!(told.recv().await, Some("polled"));
    drop(stream);
    while told.recv().await != Some("dropped") {}

    let lines = log.take();
    for what in [
        "the body is dropped",
        "the response was dropped before the end of its body",
    ] {
        let told: Vec<_> = lines.iter().filter(|line| line.says(what)).collect();
        assert_eq!(told.len(), 1, "{what}: {lines:#?}");
        assert_eq!(told[0].id().as_deref(), Some("gone"));
    }
}

#[tokio::test]
async fn an_unneeded_body_is_not_a_disconnect() {
    let log = Log::capture();
    let known = async || "five5";
    let unknown = async || Body::from_stream(stream::iter(["a", "b"]).map(Ok::<_, Infallible>));
    let app = Router::new()
        .route("/known", get(known))
        .route("/unknown", get(unknown));
    let address = serve(app.layer(ContextLayer::new())).await;
    for (method, path, body) in [
        ("HEAD", "/known", 0),
        ("HEAD", "/unknown", 0),
        ("GET", "/known", 5),
        ("GET", "/unknown", 17),
    ] {
        let answer = ask(address, method, path, &[], "").await;
        assert_eq!(
            (answer.status, answer.body.len()),
            (200, body),
            "{method} {path}"
        );
        answer.id();
        assert!(log.take().is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn an_abandoned_request_is_logged() {
    let log = Log::capture();
    let service = ContextLayer::new().layer(service_fn(async |_: Request<Body>| {
        let _guard = OnDrop(|| info!("the handler is dropped"));
        std::future::pending::<Result<axum::response::Response, Infallible>>().await
    }));
    let request = Request::builder()
        .header("x-request-id", "given-up")
        .body(Body::empty())
        .unwrap();
    let mut future = Box::pin(service.oneshot(request));
    assert!(propagate_context_tests::poll_once(&mut future).is_pending());
    drop(future);
    let lines = log.take();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(all_have_id(&lines, "given-up"), "{lines:#?}");
}

/// A body with its own size hint, end and trailers.
struct Odd {
    frames: Vec<Frame<Bytes>>,
}

impl http_body::Body for Odd {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.frames.pop().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(42)
    }
}

#[tokio::test]
async fn size_end_and_trailers_are_kept() {
    let service = ContextLayer::new().layer(service_fn(async |_: Request<()>| {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", "0".parse().unwrap());
        let frames = vec![Frame::trailers(trailers), Frame::data("data".into())];
        Ok::<_, Infallible>(http::Response::new(Odd { frames }))
    }));
    let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
    assert_eq!(body.size_hint().exact(), Some(42));
    assert!(!body.is_end_stream());
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "data"
    );
    assert_eq!(
        body.frame()
            .await
            .unwrap()
            .unwrap()
            .into_trailers()
            .unwrap()["grpc-status"],
        "0"
    );
    assert!(body.is_end_stream());
    assert!(body.frame().await.is_none());
}

/// A server does not poll a body that has reported its end, nor a body after its trailers.
#[tokio::test]
async fn a_completed_body_is_not_a_disconnect() {
    let log = Log::capture();
    let data = || Frame::data(Bytes::from("data"));
    let trailers = || Frame::trailers(HeaderMap::new());
    for (frames, polls, cut_off) in [
        (vec![data()], 1, false),
        (vec![data(), data()], 1, true),
        (vec![trailers(), data()], 1, true),
        (vec![trailers(), data()], 2, false),
        // Regardless of what follows the trailers.
        (vec![data(), trailers()], 1, false),
    ] {
        let mut frames = Some(frames);
        let service = ContextLayer::new().layer(service_fn(move |_: Request<()>| {
            let frames = frames.take().unwrap();
            async { Ok::<_, Infallible>(http::Response::new(Odd { frames })) }
        }));
        let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
        for _ in 0..polls {
            assert!(body.frame().await.unwrap().is_ok());
        }
        drop(body);
        let lines = log.take();
        assert_eq!(lines.len(), usize::from(cut_off), "{lines:#?}");
    }
}

/// Nor does it poll beyond the length that the response has announced, or for a response that has no body.
#[tokio::test]
async fn a_body_that_is_not_awaited_is_not_a_disconnect() {
    let log = Log::capture();
    for (status, length, polls, cut_off) in [
        (200, None, 2, true),
        (200, Some("8"), 2, false),
        (200, Some("9"), 2, true),
        (200, Some("8"), 1, true),
        (200, Some("0"), 0, false),
        (204, None, 0, false),
        (304, None, 0, false),
        (103, None, 0, false),
        (200, None, 0, true),
    ] {
        let response = move || {
            let chunks = stream::iter(["four"; 2]).chain(stream::pending());
            let mut response = http::Response::builder().status(status);
            if let Some(length) = length {
                response = response.header("content-length", length);
            }
            response.body(Body::from_stream(chunks.map(Ok::<_, Infallible>)))
        };
        let service =
            service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(response().unwrap())));
        let service = ContextLayer::new().layer(service);
        let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
        for _ in 0..polls {
            assert!(body.frame().await.unwrap().is_ok());
        }
        drop(body);
        let lines = log.take();
        assert_eq!(
            lines.len(),
            usize::from(cut_off),
            "{status} {length:?} {polls}: {lines:#?}"
        );
    }
}

/// Where the method is not known, the server has asked for the body once it has polled it.
#[tokio::test]
async fn a_body_of_a_scope_is_awaited_once_it_is_polled() {
    let log = Log::capture();
    for polls in [0, 1] {
        let chunks = stream::iter(["four"]).chain(stream::pending());
        let body = Body::from_stream(chunks.map(Ok::<_, Infallible>));
        let mut body = USER.sync_scope("ada", || ContextBody::in_current_scope(body));
        for _ in 0..polls {
            assert!(body.frame().await.unwrap().is_ok());
        }
        drop(body);
        assert_eq!(log.take().len(), polls);
    }
}

/// One scope covers everything from the call to the last chunk: the stream sees the values that the handler sets.
#[tokio::test]
async fn the_body_sees_values_set_by_the_handler() {
    let handler = async || {
        USER.set("ada");
        Body::from_stream(stream::once(async {
            Ok::<_, Infallible>(USER.get().unwrap_or("none"))
        }))
    };
    let address = serve(
        Router::new()
            .route("/", get(handler))
            .layer(ContextLayer::new()),
    )
    .await;
    let answer = crate::support::wire::get(address, "/", &[]).await;
    assert!(answer.body.contains("ada"), "{}", answer.body);
}
