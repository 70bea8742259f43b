//! Helpers that the tests share.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::fmt;

use opentelemetry::logs::Logger as _;
use opentelemetry_sdk::logs::SdkLogger;
use propagate_context::{Context, ContextVar, InContext, REQUEST_ID, RequestId};

pub static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
pub static CART: ContextVar<u64> = ContextVar::new("cart").logged();
pub static USER: ContextVar<&str> = ContextVar::new("user").logged();
pub static NOISY: ContextVar<Noisy> = ContextVar::new("noisy").logged();

/// Runs `future` with an id and a tenant, as in a request.
pub fn in_request<F>(id: &str, tenant: &str, future: F) -> InContext<F> {
    context(id, tenant).scope(future)
}

pub fn context(id: &str, tenant: &str) -> Context {
    let id: RequestId = id.parse().unwrap();
    Context::empty()
        .with(&REQUEST_ID, id)
        .with(&TENANT, tenant.to_owned())
}

/// A value whose `Display` panics, fails or logs.
#[derive(Clone)]
pub enum Noisy {
    Panics,
    Logs(SdkLogger),
    IsLong,
}

impl fmt::Display for Noisy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panics => panic!("a value that panics"),
            Self::Logs(logger) => {
                logger.emit(logger.create_log_record());
                f.write_str("logged")
            }
            Self::IsLong => f.write_str(&"ä".repeat(1000)),
        }
    }
}
