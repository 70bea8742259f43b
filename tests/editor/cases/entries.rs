use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use propagate_context::context_entry;

#[derive(Clone)]
pub struct Shop {
    pub orders: u32,
}

impl Shop {
    pub fn count(&self) -> u32 {
        self.orders
    }
}

#[context_entry(header = "X-Request-ID")]
pub async fn checkout(State(shop): State<Shop>, Path(number): Path<u32>) -> Result<String, StatusCode> {
    let total = shop.count() + number;
    if total > 10 {
        return Err(StatusCode::NOT_FOUND);
    }
    let other = shop.clone();
    tokio::spawn(async move { other.count() });
    Ok(format!("{}", shop.orders + total))
}

#[context_entry]
pub async fn read(headers: HeaderMap, Json(more): Json<u32>) -> Json<u32> {
    let count = headers.len() as u32;
    Json(count + more)
}

#[context_entry]
pub async fn ping() -> &'static str {
    let answer = "pong";
    answer
}

#[context_entry(carrier = headers)]
pub async fn message(headers: HeaderMap, shop: Shop) -> u32 {
    let count = shop.count() + headers.len() as u32;
    count
}

#[context_entry]
pub async fn completed(State(shop): State<Shop>, number: Path<u32>) -> String {
    let text = number.to_string();
    let _ = shop./*|*/count();
    text
}

#[context_entry]
#[tracing::instrument(skip_all)]
pub async fn traced(State(shop): State<Shop>, number: Path<u32>) -> Result<String, StatusCode> {
    let text = number.to_string();
    let count = shop.count();
    Ok(format!("{text} {count}"))
}

#[context_entry]
pub async fn plain(request: Request<String>) -> Response<String> {
    let body = request.into_body();
    Response::new(body)
}
