//! Forms of entries that say nothing, warnings included.
#![deny(warnings)]
#![allow(dead_code)]

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use propagate_context::entry::MissingValue;
use propagate_context::{ContextVar, RequestId, context_entry};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

struct Message {
    headers: Option<HashMap<String, String>>,
    body: Vec<u8>,
}

#[context_entry(carrier = message.headers)]
async fn consumes(message: Message) -> usize {
    message.body.len()
}

#[context_entry(carrier = message.headers, vars = [TENANT], required)]
async fn requires(message: Message) -> Result<usize, MissingValue> {
    Ok(message.body.len())
}

#[context_entry(carrier = message.headers, required = [TENANT])]
fn requires_at_once(message: &Message) -> Result<usize, Box<dyn std::error::Error>> {
    Ok(message.body.len())
}

#[context_entry(carrier = job, generate = maker)]
fn job(job: &BTreeMap<String, String>) -> usize {
    job.len()
}

fn maker() -> RequestId {
    RequestId::new_v7()
}

#[context_entry(carrier = message.headers)]
fn boxed(message: Message) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move { message.body.len() })
}

struct Worker {
    count: usize,
}

impl Worker {
    #[context_entry(carrier = message.headers)]
    async fn handle(&mut self, message: &Message) -> usize {
        self.count += 1;
        message.body.len()
    }
}

#[context_entry(header = "X-Request-ID")]
async fn service(request: http::Request<Vec<u8>>) -> Result<http::Response<String>, Infallible> {
    Ok(http::Response::new(request.body().len().to_string()))
}

#[context_entry(header = "X-Request-ID", required)]
async fn strict_service(request: http::Request<Vec<u8>>) -> http::Response<String> {
    http::Response::new(request.body().len().to_string())
}

#[context_entry(layer)]
async fn behind_a_layer(n: u64) -> u64 {
    n
}

#[context_entry(crate = propagate_context, carrier = pairs, set(TENANT = name.to_owned()), span)]
async fn with_common_options(pairs: Vec<(String, String)>, name: &str) -> usize {
    tokio::spawn(async {}).await.unwrap();
    pairs.len() + name.len()
}

fn is_send<T: Send>(_: T) {}

fn main() {
    is_send(consumes(Message { headers: None, body: Vec::new() }));
    is_send(service(http::Request::new(Vec::new())));
}
