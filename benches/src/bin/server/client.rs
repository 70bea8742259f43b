//! The client: a few keep-alive connections, each with one request at a time. It does not allocate while it runs, and asks
//! the server how much that has allocated.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 16;
const TIME: Duration = Duration::from_millis(400);

pub(crate) struct Round {
    pub(crate) requests: f64,
    pub(crate) p99_micros: f64,
    pub(crate) allocations: f64,
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn load(port: u16) -> io::Result<Round> {
    let before = allocations(port).await?;
    let start = Instant::now();
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        connections.spawn(requests(port, start + TIME));
    }
    let mut times = Vec::new();
    for connection in connections.join_all().await {
        times.extend(connection?);
    }
    let after = allocations(port).await?;
    times.sort_unstable();
    let count = u32::try_from(times.len()).map_err(io::Error::other)?;
    let p99 = times[times.len() * 99 / 100];
    Ok(Round {
        requests: f64::from(count),
        p99_micros: p99.as_secs_f64() * 1e6,
        allocations: (after - before) / f64::from(count),
    })
}

async fn requests(port: u16, end: Instant) -> io::Result<Vec<Duration>> {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut times = Vec::with_capacity(1 << 16);
    let mut buffer = [0; 4096];
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok(times);
        }
        connection
            .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await?;
        // A response of a few hundred bytes arrives in one piece, and ends with its body.
        let mut read = 0;
        while !buffer[..read].ends_with(b"hello") {
            read += match connection.read(&mut buffer[read..]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => more,
            };
        }
        times.push(start.elapsed());
    }
}

/// How much the server has allocated so far.
async fn allocations(port: u16) -> io::Result<f64> {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    connection
        .write_all(b"GET /allocations HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    let body = answer.rsplit("\r\n").next().unwrap_or_default();
    body.parse().map_err(io::Error::other)
}
