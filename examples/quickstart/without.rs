//! The same program with a tokio task-local that every log statement reads.

use std::thread;

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{AppendHeaders, IntoResponse};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::sync::oneshot;
use tokio::task::{self, JoinSet};
use tracing::info;

tokio::task_local! {
    static REQUEST_ID: String;
}

fn id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

pub(super) async fn place(headers: HeaderMap, Path(order): Path<u32>) -> impl IntoResponse {
    let sent = headers.get("X-Request-ID").and_then(|id| id.to_str().ok());
    let id = sent.map_or_else(|| format!("made-{order}"), str::to_owned);
    let response = REQUEST_ID.scope(id.clone(), place_in_scope(order)).await;
    (AppendHeaders([("X-Request-ID", id)]), response)
}

async fn place_in_scope(order: u32) -> &'static str {
    info!(request_id = id(), order, place = "handler", "placed");
    task::yield_now().await;
    info!(
        request_id = id(),
        order,
        place = "after an await",
        "checked"
    );

    let reserved = tokio::spawn(async move {
        info!(request_id = id(), order, place = "tokio::spawn", "reserved");
    });
    let priced = task::spawn_blocking(move || {
        info!(request_id = id(), order, place = "spawn_blocking", "priced");
    });
    let (done, printed) = oneshot::channel();
    thread::spawn(move || {
        info!(request_id = id(), order, place = "thread::spawn", "printed");
        done.send(())
    });
    let (done, packed) = oneshot::channel();
    rayon::spawn(move || {
        info!(request_id = id(), order, place = "rayon::spawn", "packed");
        (0..2).into_par_iter().for_each(move |part| {
            info!(
                request_id = id(),
                order,
                part,
                place = "par_iter",
                "packed a part"
            );
        });
        done.send(()).unwrap_or_default();
    });
    let mut mails = JoinSet::new();
    mails.spawn(async move {
        info!(
            request_id = id(),
            order,
            place = "JoinSet::spawn",
            "sent a mail"
        );
    });
    bill(order).await;

    _ = tokio::join!(reserved, priced, printed, packed);
    mails.join_all().await;
    "placed"
}

async fn bill(order: u32) {
    let billed = async move {
        info!(
            request_id = id(),
            order,
            place = "spawn in a helper",
            "billed"
        );
    };
    _ = tokio::spawn(billed).await;
}
