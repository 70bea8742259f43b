//! Puts a server on loopback under load for a number of seconds, by clients that behave in different ways, and checks each
//! response and each log line.
//!
//! `cargo run --release -p propagate-context-soak -- 60` runs for a minute. It fails if a line or a response has the wrong id
//! or none, or if memory or the number of descriptors has grown.

mod client;
mod line;
mod process;
mod server;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A counter.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

const CLIENTS: usize = 24;

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> ExitCode {
    let seconds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(30);
    line::install();

    // What the first requests allocate permanently does not count as growth.
    run(Duration::from_secs(seconds) / 4).await;
    let before = process::now();
    run(Duration::from_secs(seconds) * 3 / 4).await;
    let after = process::now();

    println!("{}\n{}", client::figures(), line::figures());
    println!(
        "memory: {} KiB, then {} KiB; descriptors: {}, then {}",
        before.kib, after.kib, before.descriptors, after.descriptors
    );
    let grown = after.kib > before.kib + before.kib / 4 + 8 * 1024
        || after.descriptors > before.descriptors;
    if client::is_wrong() || line::is_wrong() || grown {
        println!("FAILED");
        return ExitCode::FAILURE;
    }
    println!("0 wrong, 0 missing, 0 unparsable, nothing grown");
    ExitCode::SUCCESS
}

/// Puts a server under load for this time, and waits until both ends have closed all connections.
async fn run(time: Duration) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port of loopback");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(server::serve(listener, stopped));

    let end = Instant::now() + time;
    let clients = (0..CLIENTS).map(|number| tokio::spawn(client::run(number, address, end)));
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("a client does not panic");
    }
    client::all_closed().await;
    stop.send(()).expect("the server runs");
    server.await.expect("the server does not panic");
}
