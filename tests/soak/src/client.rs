//! Clients that behave in different ways: well, cancelling, resetting, slowly, or with malformed requests.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use crate::Count;

static RIGHT: Count = Count::new();
static WRONG: Count = Count::new();
static CANCELLED: Count = Count::new();
static RESET: Count = Count::new();
static SLOW: Count = Count::new();
static MALFORMED: Count = Count::new();
static PANICKED: Count = Count::new();
static CONNECTIONS: Count = Count::new();

type Failure = Box<dyn std::error::Error + Send + Sync>;

pub(crate) fn is_wrong() -> bool {
    let each = [&CANCELLED, &RESET, &SLOW, &MALFORMED, &PANICKED];
    WRONG.get() > 0 || RIGHT.get() == 0 || each.iter().any(|count| count.get() == 0)
}

pub(crate) fn figures() -> String {
    format!(
        "{} connections; responses: {} right, {} wrong; {} cancelled, {} reset, {} read slowly, {} malformed, {} panicked",
        CONNECTIONS.get(),
        RIGHT.get(),
        WRONG.get(),
        CANCELLED.get(),
        RESET.get(),
        SLOW.get(),
        MALFORMED.get(),
        PANICKED.get(),
    )
}

/// The tasks that drive the connections of HTTP clients.
static DRIVERS: LazyLock<TaskTracker> = LazyLock::new(TaskTracker::new);

/// Waits until each connection of a client is closed.
pub(crate) async fn all_closed() {
    DRIVERS.close();
    DRIVERS.wait().await;
    DRIVERS.reopen();
}

/// The number of ways in which a client behaves.
const WAYS: usize = 6;

/// One client until `end`, and until it has behaved in each way, however slow the machine is. A failed connection is not an
/// error: it is one more way in which a request ends.
pub(crate) async fn run(number: usize, address: SocketAddr, end: Instant) {
    let mut turn = 0_usize;
    while turn < WAYS || Instant::now() < end {
        turn += 1;
        let name = format!("c{number}-{}", CONNECTIONS.get());
        let _ended = match (number + turn) % WAYS {
            0 => http_1(&name, address).await,
            1 | 2 => http_2(&name, address).await,
            3 => reset(&name, address).await,
            4 => slow(&name, address).await,
            _ => malformed(&name, address).await,
        };
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    CONNECTIONS.add();
    Ok(TcpStream::connect(address).await?)
}

fn request(path: &str, sent: &str) -> Result<Request<Empty<Bytes>>, Failure> {
    let request =
        Request::get(format!("http://localhost/{path}/{sent}")).header("host", "localhost");
    Ok(request.header("x-request-id", sent).body(Empty::new())?)
}

/// Checks the id in the header and on each line of the body.
async fn check(sent: &str, response: Response<Incoming>) -> Result<(), Failure> {
    let status = response.status();
    let echoed = response
        .headers()
        .get("x-request-id")
        .is_some_and(|id| id == sent);
    let body = response.into_body().collect().await?.to_bytes();
    let lines = std::str::from_utf8(&body)?
        .lines()
        .filter(|line| *line == sent)
        .count();
    if echoed && ((status == 200 && lines == 8) || (status == 500 && lines == 0)) {
        RIGHT.add();
    } else {
        eprintln!("wrong: {sent} {status} {body:?}");
        WRONG.add();
    }
    Ok(())
}

/// Ten requests on one connection, one of them to a handler that panics.
async fn http_1(name: &str, address: SocketAddr) -> Result<(), Failure> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(connect(address).await?)).await?;
    DRIVERS.spawn(connection);
    for number in 0..10 {
        let sent = format!("{name}-{number}");
        let path = if number == 5 { "panic" } else { "job" };
        sender.ready().await?;
        check(&sent, sender.send_request(request(path, &sent)?).await?).await?;
        if number == 5 {
            PANICKED.add();
        }
    }
    Ok(())
}

/// Thirty streams at once, every third one cancelled: before its response, or in its body.
async fn http_2(name: &str, address: SocketAddr) -> Result<(), Failure> {
    let stream = TokioIo::new(connect(address).await?);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
    DRIVERS.spawn(connection);
    let streams = (0..30).map(|number| {
        let mut sender = sender.clone();
        let sent = format!("{name}-{number}");
        async move {
            sender.ready().await?;
            let response = sender.send_request(request("job", &sent)?);
            match number % 6 {
                0 => {
                    let _early = tokio::time::timeout(Duration::from_micros(500), response).await;
                    CANCELLED.add();
                }
                3 => {
                    let mut response = response.await?;
                    let _chunk = response.body_mut().frame().await;
                    CANCELLED.add();
                }
                _ => check(&sent, response.await?).await?,
            }
            Ok::<(), Failure>(())
        }
    });
    futures::future::try_join_all(streams).await?;
    Ok(())
}

fn raw(sent: &str) -> String {
    format!("GET /job/{sent} HTTP/1.1\r\nhost: localhost\r\nx-request-id: {sent}\r\n\r\n")
}

/// Resets the connection in the middle of the response.
async fn reset(name: &str, address: SocketAddr) -> Result<(), Failure> {
    for number in 0..5 {
        let mut stream = connect(address).await?;
        stream
            .write_all(raw(&format!("{name}-{number}")).as_bytes())
            .await?;
        if number % 2 == 0 {
            let mut some = [0; 16];
            stream.read_exact(&mut some).await?;
        }
        stream.set_zero_linger()?;
        drop(stream);
        RESET.add();
    }
    Ok(())
}

/// Reads the responses of two pipelined requests a few bytes at a time, with pauses. The pauses let the socket of the server
/// fill up; their length does not change what is received.
async fn slow(name: &str, address: SocketAddr) -> Result<(), Failure> {
    let mut stream = connect(address).await?;
    let (first, second) = (format!("{name}-a"), format!("{name}-b"));
    stream
        .write_all((raw(&first) + &raw(&second)).as_bytes())
        .await?;
    let mut read = Vec::new();
    let ends = |read: &[u8]| read.windows(5).filter(|end| end == b"0\r\n\r\n").count();
    while ends(&read) < 2 {
        let mut some = [0; 48];
        let count = stream.read(&mut some).await?;
        if count == 0 {
            return Ok(());
        }
        read.extend(&some[..count]);
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    let text = String::from_utf8_lossy(&read);
    let each = |sent: &str| text.matches(&format!("\r\n{sent}\n\r\n")).count() == 8;
    if each(&first) && each(&second) {
        RIGHT.add();
    } else {
        WRONG.add();
    }
    SLOW.add();
    Ok(())
}

/// Sends malformed requests.
async fn malformed(name: &str, address: SocketAddr) -> Result<(), Failure> {
    let long = "x".repeat(20_000);
    for (number, id) in [
        "a b",
        "\u{1b}[31m",
        "é",
        "",
        "x\ty",
        &*long,
        "a\r\nx-request-id: b",
    ]
    .iter()
    .enumerate()
    {
        let mut stream = connect(address).await?;
        let text = format!(
            "GET /job/bad-{name}-{number} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-request-id: {id}\r\nbaggage: {id}=%zz;;,,=\r\ntraceparent: 00-{id}\r\n\r\n"
        );
        stream.write_all(text.as_bytes()).await?;
        let mut response = Vec::new();
        let _end = stream.read_to_end(&mut response).await;
        MALFORMED.add();
    }
    let mut stream = connect(address).await?;
    stream
        .write_all(b"\x00\xff\x16\x03 GET / HTTP/9\r\n: \r\n\r\n")
        .await?;
    let _end = stream.read_to_end(&mut Vec::new()).await;
    MALFORMED.add();
    Ok(())
}
