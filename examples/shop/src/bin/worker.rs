//! Takes jobs from the queue and packs what was ordered.

use std::time::Duration;

use async_nats::jetstream::{self, AckKind, Message, consumer::pull, stream};
use futures_util::StreamExt;
use propagate_context::context_entry;
use shop::{CUSTOMER, Failure, Headers, Order, STREAM, SUBJECT, log, setting};
use tokio::task;
use tracing::{error, info, warn};

/// One job, in the context of the request that it was made by: each time that it is delivered.
#[context_entry(carrier = headers, vars = [CUSTOMER])]
async fn pack(headers: Headers, message: Message) -> Result<(), Failure> {
    let delivery = message.info()?.delivered;
    let order: Order = serde_json::from_slice(&message.payload)?;
    if order.item == "vase" && delivery == 1 {
        warn!(item = order.item, delivery, "slipped: once more");
        return message.ack_with(AckKind::Nak(None)).await;
    }
    if order.item == "piano" && delivery == 1 {
        warn!(
            item = order.item,
            delivery, "stuck: somebody has to end this process"
        );
        std::future::pending::<()>().await;
    }
    let label = task::spawn_blocking(move || {
        info!(item = order.item, price = order.price, delivery, "packed");
        order.item
    });
    let item = label.await?;
    message.ack().await?;
    info!(item, entries = headers.0.len(), "sent");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    log();
    let jobs = jetstream::new(async_nats::connect(setting("NATS", "127.0.0.1:18222")).await?);
    let stream = stream::Config {
        name: STREAM.to_owned(),
        subjects: vec![SUBJECT.to_owned()],
        ..Default::default()
    };
    let consumer = pull::Config {
        durable_name: Some("worker".to_owned()),
        // How long after the death of a worker its jobs go to the next one.
        ack_wait: Duration::from_secs(2),
        ..Default::default()
    };
    let consumer = jobs
        .get_or_create_stream(stream)
        .await?
        .get_or_create_consumer("worker", consumer)
        .await?;
    info!("listening");
    let mut messages = consumer.messages().await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let headers = Headers(message.headers.clone().unwrap_or_default());
        if let Err(failure) = pack(headers, message).await {
            error!(%failure, "a job failed, and will come again");
        }
    }
    Ok(())
}
