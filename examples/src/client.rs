use std::net::SocketAddr;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// One request that a client makes.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is ordered: it is in the address, and all lines about it say it, whatever else they know.
    pub number: u32,
    /// The id that the client sends along.
    pub sent: Option<&'static str>,
}

/// What came back for it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The request.
    pub order: Order,
    /// The id that the answer has.
    pub id: Option<String>,
}

/// Sends the order to the server at `address`, over a socket, as any client would.
///
/// # Errors
///
/// If there is no answer, or not the one to expect.
pub async fn send(
    address: SocketAddr,
    order: Order,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let mut request = Request::post(format!("http://{address}/orders/{}", order.number));
    if let Some(id) = order.sent {
        request = request.header("X-Request-ID", id);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request.body(Empty::<Bytes>::new())?).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("order {} was answered {}", order.number, answer.status()).into());
    }
    let id = answer
        .headers()
        .get("x-request-id")
        .and_then(|id| Some(id.to_str().ok()?.to_owned()));
    answer.into_body().collect().await?;
    Ok(Answer { order, id })
}
