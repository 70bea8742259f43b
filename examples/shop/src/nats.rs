//! NATS: the stream of orders, and message headers as a carrier of the context.
//!
//! `propagate-context` has no integration for NATS. Two small traits turn any kind of headers into a carrier.

use std::borrow::{Borrow, BorrowMut};

use async_nats::header::{HeaderMap, HeaderName, HeaderValue};
use async_nats::jetstream::{self, Context, stream};
use propagate_context::{Carrier, CarrierMut, InsertError};

use crate::Error;

/// The stream that stores jobs until they are done.
pub const STREAM: &str = "orders";
/// The subject under which jobs are published.
pub const SUBJECT: &str = "orders.placed";

/// The headers of a message: `&HeaderMap` to read them, `&mut HeaderMap` to write them.
#[derive(Debug)]
pub struct NatsHeaders<H>(pub H);

impl<H: Borrow<HeaderMap>> Carrier for NatsHeaders<H> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        for (name, values) in self.0.borrow().iter() {
            if is(name, key) {
                for value in values {
                    each(value.as_ref());
                }
            }
        }
    }
}

impl<H: BorrowMut<HeaderMap>> CarrierMut for NatsHeaders<H> {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
        let headers = self.0.borrow_mut();
        let there = headers
            .iter()
            .map(|(name, _)| name)
            .find(|name| is(name, key));
        let name = match there {
            Some(name) => name.clone(),
            None => key
                .parse()
                .map_err(|_| InsertError::new("the key is not the name of a header"))?,
        };
        let value: HeaderValue = value
            .parse()
            .map_err(|_| InsertError::new("the value does not fit on one line"))?;
        headers.insert(name, value);
        Ok(())
    }
}

/// Compares the names case-insensitively: NATS distinguishes `X-Tenant` from `x-tenant`, but a publisher may use
/// either.
fn is(name: &HeaderName, key: &str) -> bool {
    let name: &str = name.as_ref();
    name.eq_ignore_ascii_case(key)
}

/// Connects to the NATS server at `address`, and creates the stream of orders if it does not exist.
///
/// # Errors
///
/// Returns an error if there is no server, or if it does not have JetStream enabled.
pub async fn connect(address: &str) -> Result<Context, Error> {
    let client = async_nats::connect(address)
        .await
        .map_err(|error| format!("no NATS server at {address}: {error}"))?;
    let jetstream = jetstream::new(client);
    jetstream
        .get_or_create_stream(stream::Config {
            name: STREAM.to_owned(),
            subjects: vec![SUBJECT.to_owned()],
            ..stream::Config::default()
        })
        .await?;
    Ok(jetstream)
}
