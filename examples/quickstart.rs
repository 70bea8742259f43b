//! A request id on every log line of concurrent HTTP requests, wherever the code runs that logs it.
//!
//! Run it, then the same program without the attributes:
//!
//! ```console
//! $ cargo run --example quickstart
//! $ cargo run --example quickstart -- --without
//! ```
//!
//! It starts a server on a free port, sends it requests over a socket, prints the log lines (`LOG_FORMAT=json`, which a
//! pipe gets, or `LOG_FORMAT=text`, which a terminal gets), then counts which of them have the id of their request:
//!
//! ```text
//! request_id=basket-1 2026-11-22T10:00:00.000000Z  INFO quickstart::with: placed order=1 place="handler"
//! ...
//! place                                 lines  right  wrong  missing
//! handler                                   8      8      0        0
//! tokio::spawn                              8      8      0        0
//! ...
//! 80 of 80 lines have the id of their request.
//! ```
//!
//! With `--without` it is 16 of 80. Where one is wrong or missing, the exit code is 1.

use std::error::Error;
use std::io::{IsTerminal, Write, stdout};
use std::net::SocketAddr;
use std::process::ExitCode;

use axum::Router;
use axum::routing::post;
use futures::future::try_join_all;
use propagate_context_examples::{Answer, Format, Lines, Order, Tally, send};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The right program: the differences to the other one are the attributes.
mod with {
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
        info!(order, place = "handler, later", "checked");

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
}

/// What is usually written: a task-local of tokio, read wherever something is logged.
mod without {
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

    fn request_id() -> Option<String> {
        REQUEST_ID.try_with(Clone::clone).ok()
    }

    pub(super) async fn place(headers: HeaderMap, Path(order): Path<u32>) -> impl IntoResponse {
        let sent = headers.get("X-Request-ID").and_then(|id| id.to_str().ok());
        let id = sent.map_or_else(|| format!("made-{order}"), str::to_owned);
        let answer = REQUEST_ID.scope(id.clone(), place_in_scope(order)).await;
        (AppendHeaders([("X-Request-ID", id)]), answer)
    }

    async fn place_in_scope(order: u32) -> &'static str {
        info!(
            request_id = request_id(),
            order,
            place = "handler",
            "placed"
        );
        task::yield_now().await;
        info!(
            request_id = request_id(),
            order,
            place = "handler, later",
            "checked"
        );

        let reserved = tokio::spawn(async move {
            info!(
                request_id = request_id(),
                order,
                place = "tokio::spawn",
                "reserved"
            );
        });
        let priced = task::spawn_blocking(move || {
            info!(
                request_id = request_id(),
                order,
                place = "spawn_blocking",
                "priced"
            );
        });
        let (done, printed) = oneshot::channel();
        thread::spawn(move || {
            info!(
                request_id = request_id(),
                order,
                place = "thread::spawn",
                "printed"
            );
            done.send(())
        });
        let (done, packed) = oneshot::channel();
        rayon::spawn(move || {
            info!(
                request_id = request_id(),
                order,
                place = "rayon::spawn",
                "packed"
            );
            (0..2).into_par_iter().for_each(move |part| {
                info!(
                    request_id = request_id(),
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
                request_id = request_id(),
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
                request_id = request_id(),
                order,
                place = "spawn in a helper",
                "billed"
            );
        };
        _ = tokio::spawn(billed).await;
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all lines were right.
async fn run() -> Result<bool, Box<dyn Error + Send + Sync>> {
    let without = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--without") => true,
        Some(other) => return Err(format!("`{other}` is no argument: there is `--without`").into()),
    };
    let format = Format::from_env()?;
    let lines = Lines::default();
    log_to(lines.clone(), format, without);

    let app = if without {
        Router::new().route("/orders/{order}", post(without::place))
    } else {
        Router::new().route("/orders/{order}", post(with::place))
    };
    let answers = serve(app).await?;

    let tally = Tally::new(&answers, &lines.about_orders(format));
    // Whoever has closed the pipe has seen enough.
    _ = write!(stdout(), "{tally}");
    Ok(tally.is_right())
}

/// Installs the subscriber; `map_event_format` is the one line that puts the context on its lines.
fn log_to(lines: Lines, format: Format, without: bool) {
    let log = tracing_subscriber::fmt()
        .with_ansi(stdout().is_terminal())
        .with_writer(move || lines.clone());
    match format {
        _ if without && format == Format::Text => log.init(),
        _ if without => log.json().flatten_event(true).init(),
        Format::Text => log
            .map_event_format(propagate_context::tracing::with_context)
            .init(),
        Format::Json => log
            .json()
            .flatten_event(true)
            .map_event_format(propagate_context::tracing::with_context)
            .init(),
    }
}

/// Runs the server for as long as it takes to answer all orders at once.
async fn serve(app: Router) -> Result<Vec<Answer>, Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address: SocketAddr = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        _ = stopped.await;
    });
    let server = tokio::spawn(server.into_future());

    let sent = [
        Some("basket-1"),
        None,
        Some("basket-3"),
        Some("no id: spaces"),
        None,
        Some("basket-6"),
        None,
        Some("basket-8"),
    ];
    let orders = (1..).zip(sent).map(|(number, sent)| Order { number, sent });
    let answers = try_join_all(orders.map(|order| send(address, order))).await?;

    drop(stop);
    server.await??;
    Ok(answers)
}
