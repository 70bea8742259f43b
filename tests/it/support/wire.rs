//! A server on a loopback socket, its log, and a client that writes raw bytes, so that headers can be malformed.

use std::net::SocketAddr;

use axum::Router;
use propagate_context::REQUEST_ID;
use propagate_context::tracing::with_context;
use propagate_context_tests::{Output, members, set_default};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tracing::subscriber::DefaultGuard;

/// Returns the id of the current scope, or an empty string.
pub(crate) fn id() -> String {
    REQUEST_ID
        .get()
        .map(|id| id.to_string())
        .unwrap_or_default()
}

/// Serves `app` until the runtime shuts down.
pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// A response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|status| status.parse().ok());
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            status: status.unwrap_or(0),
            headers,
            body: body.to_owned(),
        }
    }

    /// Returns all values of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let same = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(same)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// Returns the only request id.
    pub(crate) fn id(&self) -> &str {
        match self.all("x-request-id")[..] {
            [id] => id,
            ref other => panic!("{} has not one id but {other:?}", self.status),
        }
    }
}

/// Sends one request and reads until the server closes the connection.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &[u8])],
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(&request(method, path, headers, body))
        .await
        .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    Answer::read(&bytes)
}

pub(crate) async fn get(address: SocketAddr, path: &str, headers: &[(&str, &[u8])]) -> Answer {
    ask(address, "GET", path, headers, "").await
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &[u8])], body: &str) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n")
        .into_bytes();
    if !body.is_empty() {
        bytes.extend(format!("content-length: {}\r\n", body.len()).bytes());
    }
    for (name, value) in headers {
        bytes.extend(name.bytes());
        bytes.extend(b": ");
        bytes.extend(*value);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"\r\n");
    bytes.extend(body.bytes());
    bytes
}

/// The JSON log of this thread, including `debug` lines.
pub(crate) struct Log {
    output: Output,
    _guard: DefaultGuard,
}

impl Log {
    pub(crate) fn capture() -> Self {
        let output = Output::default();
        let writer = output.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .map_event_format(with_context)
            .with_writer(move || writer.clone())
            .finish();
        Self {
            output,
            _guard: set_default(subscriber),
        }
    }

    /// Returns the lines of the crate and of the tests since the last call.
    pub(crate) fn take(&self) -> Vec<Line> {
        let text = self.output.take();
        let lines = text.lines().map(|line| Line {
            text: line.to_owned(),
        });
        lines
            .filter(|line| {
                line.member("target").is_some_and(|target| {
                    target.starts_with("propagate_context") || target.starts_with("it")
                })
            })
            .collect()
    }
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) text: String,
}

impl Line {
    /// Returns the top-level member of this name. Panics if there is more than one.
    pub(crate) fn member(&self, name: &str) -> Option<String> {
        let all: Vec<_> = members(&self.text)
            .into_iter()
            .filter(|(key, _)| key == name)
            .collect();
        assert!(all.len() < 2, "`{name}` twice in {}", self.text);
        all.into_iter()
            .next()
            .map(|(_, value)| value.as_str().map_or(value.to_string(), str::to_owned))
    }

    pub(crate) fn id(&self) -> Option<String> {
        self.member("request_id")
    }

    pub(crate) fn says(&self, what: &str) -> bool {
        self.text.contains(what)
    }
}

pub(crate) fn all_have_id(lines: &[Line], id: &str) -> bool {
    lines.iter().all(|line| line.id().as_deref() == Some(id))
}
