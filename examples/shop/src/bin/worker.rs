//! The worker, which packs several orders concurrently in a single task.
//!
//! Shows [`context_entry`] on a message handler. The id is in the headers of the NATS message, so it is also available
//! when a job is redelivered after it failed or its worker was killed.

use std::future::pending;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;
use propagate_context::{context_entry, propagate_context};
use shop::{Error, NatsHeaders, Order, STREAM, TENANT, setting};
use tokio::task::spawn_blocking;
use tracing::{error, info, warn};

/// The number of orders that are packed concurrently.
const PACKERS: usize = 4;
/// The time after which an unacknowledged job is redelivered.
const ACK_WAIT: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<(), Error> {
    shop::log();
    let jetstream = shop::connect(&setting("NATS")?).await?;
    let consumer = jetstream
        .get_stream(STREAM)
        .await?
        .get_or_create_consumer(
            "packing",
            pull::Config {
                durable_name: Some("packing".to_owned()),
                ack_policy: AckPolicy::Explicit,
                ack_wait: ACK_WAIT,
                ..pull::Config::default()
            },
        )
        .await?;
    info!("receiving jobs");
    let jobs = consumer.messages().await?;
    jobs.for_each_concurrent(PACKERS, |job| async {
        match job {
            Ok(job) => take(job).await,
            Err(error) => warn!(%error, "cannot receive a job"),
        }
    })
    .await;
    Ok(())
}

/// Handles one delivery of a job, in its own scope.
#[context_entry(
    header = "X-Request-ID",
    vars = [TENANT],
    carrier = job.headers.as_ref().map(NatsHeaders)
)]
async fn take(job: Message) {
    let answered = match serde_json::from_slice::<Order>(&job.payload) {
        Err(error) => {
            error!(%error, "not an order");
            job.ack_with(AckKind::Term).await
        }
        Ok(order) => match pack(&order, &job).await {
            Ok(()) => job.double_ack().await,
            Err(error) => {
                warn!(order = order.number, error, "rejected, to be redelivered");
                job.ack_with(AckKind::Nak(None)).await
            }
        },
    };
    if let Err(error) = answered {
        warn!(error, "not acknowledged: the job will be redelivered");
    }
}

#[propagate_context]
async fn pack(order: &Order, job: &Message) -> Result<(), Error> {
    let delivery = job.info()?.delivered;
    info!(order = order.number, item = order.item, delivery, "packing");
    match (order.item.as_str(), delivery) {
        ("glass", 1) => return Err("broken".into()),
        // The first delivery never ends: `./run` kills the worker in the meantime.
        ("piano", 1) => pending().await,
        _ => {}
    }
    let number = order.number;
    spawn_blocking(move || info!(order = number, delivery, "packed")).await?;
    Ok(())
}
