use std::net::SocketAddr;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// A request that a client makes.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The number of the order. It is part of the path and a field of every log line about the order; the code passes
    /// it explicitly.
    pub number: u32,
    /// The request id that the client sends.
    pub sent: Option<&'static str>,
}

/// A response from the server.
#[derive(Clone, Debug)]
pub struct Response {
    /// The request.
    pub order: Order,
    /// The request id in the header of the response.
    pub id: Option<String>,
}

/// Sends the order to the server at `address`.
///
/// # Errors
///
/// Returns an error if there is no response, or if its status is not 200.
pub async fn send(
    address: SocketAddr,
    order: Order,
) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    let mut request = Request::post(format!("http://{address}/orders/{}", order.number));
    if let Some(id) = order.sent {
        request = request.header("X-Request-ID", id);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.body(Empty::<Bytes>::new())?).await?;
    if response.status() != StatusCode::OK {
        let status = response.status();
        return Err(format!("order {} got the status {status}", order.number).into());
    }
    let id = response
        .headers()
        .get("x-request-id")
        .and_then(|id| Some(id.to_str().ok()?.to_owned()));
    response.into_body().collect().await?;
    Ok(Response { order, id })
}
