//! The program with the attributes. The code does not mention the request id, except for the name of the header.

use std::thread;

use axum::extract::Path;
use propagate_context::{context_entry, propagate_context};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::sync::oneshot;
use tokio::task::{self, JoinSet};
use tracing::info;

#[context_entry(header = "X-Request-ID")]
pub(super) async fn place(Path(order): Path<u32>) -> &'static str {
    info!(order, place = "handler", "placed");
    task::yield_now().await;
    info!(order, place = "after an await", "checked");

    let reserved = tokio::spawn(async move {
        info!(order, place = "tokio::spawn", "reserved");
    });
    let priced = task::spawn_blocking(move || {
        info!(order, place = "spawn_blocking", "priced");
    });
    let (done, printed) = oneshot::channel();
    thread::spawn(move || {
        info!(order, place = "thread::spawn", "printed");
        done.send(())
    });
    let (done, packed) = oneshot::channel();
    rayon::spawn(move || {
        info!(order, place = "rayon::spawn", "packed");
        (0..2).into_par_iter().for_each(
            #[propagate_context]
            move |part| info!(order, part, place = "par_iter", "packed a part"),
        );
        done.send(()).unwrap_or_default();
    });
    let mut mails = JoinSet::new();
    mails.spawn(async move { info!(order, place = "JoinSet::spawn", "sent a mail") });
    bill(order).await;

    _ = tokio::join!(reserved, priced, printed, packed);
    mails.join_all().await;
    "placed"
}

#[propagate_context]
async fn bill(order: u32) {
    let billed = async move { info!(order, place = "spawn in a helper", "billed") };
    _ = tokio::spawn(billed).await;
}
