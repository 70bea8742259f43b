//! gRPC: tonic's server and client, with the same two layers as HTTP.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use propagate_context::entry::Inbound;
use propagate_context::http::{ClientLayer, ContextClient, ContextLayer};
use propagate_context::{ContextVar, REQUEST_ID, RequestId, propagate_context};
use tokio::net::TcpListener;
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::transport::{Channel, Server, server::TcpIncoming};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::Layer as _;
use tracing::info;

use crate::support::wire::{Log, all_have_id, id};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");

/// A service that returns the id in the text of its responses.
struct Telling;

type Answers = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

/// Logs a line when it is dropped.
struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        info!("dropped");
    }
}

#[tonic::async_trait]
impl Health for Telling {
    #[propagate_context]
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        info!("checked");
        match &*request.into_inner().service {
            "failing" => Err(Status::not_found(format!("not found for {}", id()))),
            "panicking" => panic!("as the test wants"),
            _ => {
                let spawned = tokio::spawn(async { id() }).await.unwrap();
                let mut response = Response::new(HealthCheckResponse { status: 1 });
                let seen = format!("{} {spawned} {}", id(), TENANT.get().unwrap_or_default());
                response
                    .metadata_mut()
                    .insert("seen", seen.parse().unwrap());
                Ok(response)
            }
        }
    }

    type WatchStream = Answers;

    /// Two responses and an error with the id. The error is not sent to a client that watches `forever`.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Answers>, Status> {
        let forever = request.into_inner().service == "forever";
        let answers = async_stream::stream! {
            let _last = Last;
            for status in 0..2 {
                tokio::task::yield_now().await;
                info!("polled");
                yield Ok(HealthCheckResponse { status });
            }
            if forever {
                std::future::pending::<()>().await;
            }
            yield Err(Status::aborted(id()));
        };
        Ok(Response::new(Box::pin(answers)))
    }
}

async fn serve(
    layer: ContextLayer,
    interceptor: impl Interceptor + Clone + Send + Sync + 'static,
) -> Channel {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder()
        .layer(layer)
        .add_service(HealthServer::with_interceptor(Telling, interceptor));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    Channel::from_shared(format!("http://{address}"))
        .unwrap()
        .connect_lazy()
}

async fn client() -> HealthClient<ContextClient<Channel>> {
    let channel = serve(ContextLayer::new().extract(&TENANT), Ok).await;
    HealthClient::new(ClientLayer::new().layer(channel))
}

fn asking(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

async fn in_a_request<F: Future>(id: &str, inner: F) -> F::Output {
    let id = RequestId::try_from(id).unwrap();
    REQUEST_ID
        .scope(id, TENANT.scope("acme".to_owned(), inner))
        .await
}

fn text(metadata: &MetadataMap, key: &str) -> String {
    let all: Vec<_> = metadata
        .get_all(key)
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    all.join(",")
}

#[tokio::test]
async fn the_handler_has_the_id_of_the_caller() {
    let log = Log::capture();
    let mut client = client().await;
    for id in ["order-7", "order-8"] {
        let response = in_a_request(id, client.check(asking(""))).await.unwrap();
        assert_eq!(
            (
                text(response.metadata(), "seen"),
                text(response.metadata(), "x-request-id")
            ),
            (format!("{id} {id} acme"), id.to_owned())
        );
        let lines = log.take();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert_eq!(
            (
                lines[0].id().as_deref(),
                lines[0].member("tenant").as_deref()
            ),
            (Some(id), Some("acme"))
        );
    }
    // The client sends no id, so the layer generates one.
    let response = client.check(asking("")).await.unwrap();
    let made = text(response.metadata(), "x-request-id");
    assert_eq!(
        (made.len(), text(response.metadata(), "seen")),
        (36, format!("{made} {made} "))
    );
}

#[tokio::test]
async fn an_error_has_the_id() {
    let mut client = client().await;
    let status = in_a_request("order-7", client.check(asking("failing")))
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::NotFound, "not found for order-7")
    );
    assert_eq!(text(status.metadata(), "x-request-id"), "order-7");

    // The layer responds with a gRPC status.
    let status = in_a_request("order-8", client.check(asking("panicking")))
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "internal server error")
    );
    assert_eq!(text(status.metadata(), "x-request-id"), "order-8");
}

#[tokio::test]
async fn a_stream_is_polled_and_dropped_in_the_scope() {
    let log = Log::capture();
    let mut client = client().await;
    let response = in_a_request("order-7", client.watch(asking("")))
        .await
        .unwrap();
    assert_eq!(text(response.metadata(), "x-request-id"), "order-7");
    let answers: Vec<_> = response.into_inner().collect().await;
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[2].as_ref().unwrap_err().message(), "order-7");
    let lines = log.take();
    assert_eq!(
        lines.iter().filter(|line| line.says("polled")).count(),
        2,
        "{lines:#?}"
    );
    assert!(all_have_id(&lines, "order-7"), "{lines:#?}");
}

/// The client disconnects in the middle of the server's stream.
#[tokio::test]
async fn a_client_disconnect_drops_the_stream_in_the_scope() {
    let log = Log::capture();
    let mut client = client().await;
    let response = in_a_request("order-7", client.watch(asking("forever")))
        .await
        .unwrap();
    let mut answers = response.into_inner();
    assert!(answers.next().await.unwrap().is_ok());
    drop(answers);
    let mut lines = Vec::new();
    while !lines
        .iter()
        .any(|line: &crate::support::wire::Line| line.says("\"dropped\""))
    {
        tokio::task::yield_now().await;
        lines.extend(log.take());
    }
    assert!(all_have_id(&lines, "order-7"), "{lines:#?}");
}

/// An interceptor runs inside the layer, in the scope, and can also read the id in the metadata.
#[tokio::test]
async fn an_interceptor_reads_the_id() {
    let layer = ContextLayer::new().extract(Inbound::new(&REQUEST_ID).write_request(true));
    let refuse = |request: Request<()>| -> Result<Request<()>, Status> {
        let written = text(request.metadata(), "x-request-id");
        Err(Status::permission_denied(format!("{} {written}", id())))
    };
    let mut client = HealthClient::new(ContextClient::new(serve(layer, refuse).await));
    let status = in_a_request("order-7", client.check(asking("")))
        .await
        .unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::PermissionDenied, "order-7 order-7")
    );
    assert_eq!(text(status.metadata(), "x-request-id"), "order-7");

    let status = client.check(asking("")).await.unwrap_err();
    let made = text(status.metadata(), "x-request-id");
    assert_eq!(
        (made.len(), status.message()),
        (36, &*format!("{made} {made}"))
    );
}

#[tokio::test]
async fn a_missing_required_value_is_rejected() {
    let layer = ContextLayer::new().extract(Inbound::new(&TENANT).required());
    let mut client = HealthClient::new(ContextClient::new(serve(layer, Ok).await));
    let status = client.check(asking("")).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::InvalidArgument, "the header `x-tenant` is missing")
    );
    assert_eq!(text(status.metadata(), "x-request-id").len(), 36);
    assert!(
        in_a_request("order-7", client.check(asking("")))
            .await
            .is_ok()
    );
}

/// Metadata that the caller has set is kept.
#[tokio::test]
async fn explicit_metadata_is_kept() {
    let mut client = client().await;
    let mut request = Request::new(asking(""));
    request
        .metadata_mut()
        .insert("x-request-id", "explicit".parse().unwrap());
    let response = in_a_request("order-7", client.check(request))
        .await
        .unwrap();
    assert_eq!(text(response.metadata(), "seen"), "explicit explicit acme");
}

#[tokio::test]
async fn calls_on_one_connection_have_their_own_ids() {
    let client = client().await;
    let calls = (0..50).map(|n| {
        let mut client = client.clone();
        async move {
            let id = format!("order-{n}");
            let response = in_a_request(&id, client.check(asking(""))).await.unwrap();
            assert_eq!(text(response.metadata(), "seen"), format!("{id} {id} acme"));
        }
    });
    futures::future::join_all(calls).await;
}
