//! A client that sees each byte, and the values that handlers read.

use std::collections::HashMap;
use std::net::SocketAddr;

use propagate_context::entry::Entry;
use propagate_context::{Context, ContextVar, REQUEST_ID, RequestId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) static TENANT: ContextVar<String> =
    ContextVar::new("tenant").logged().header("x-tenant");

/// Returns the context of a request with this id.
pub(crate) fn request(id: &str) -> Context {
    let headers = HashMap::from([("x-request-id".to_owned(), id.to_owned())]);
    Entry::new().open(&headers).unwrap()
}

/// Returns the id of the current scope, or `-`.
pub(crate) fn id() -> String {
    REQUEST_ID
        .get()
        .as_ref()
        .map_or("-", RequestId::as_str)
        .to_owned()
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| &**value).collect()
    }

    /// Returns the id of the response. Panics if there is none.
    pub(crate) fn id(&self) -> &str {
        match self.all("x-request-id")[..] {
            [id] => id,
            ref ids => panic!("{ids:?}"),
        }
    }
}

/// Binds a free port.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

pub(crate) async fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(format!("{request}\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers = lines.map(|line| line.split_once(':').unwrap());
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let answer = Answer {
        status,
        headers,
        body: String::new(),
    };
    let body = match answer.all("transfer-encoding")[..] {
        ["chunked"] => joined(body),
        _ => body.to_owned(),
    };
    Answer { body, ..answer }
}

/// Returns a chunked body without its chunk sizes.
fn joined(mut chunks: &str) -> String {
    let mut body = String::new();
    while let Some((length, rest)) = chunks.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        body.push_str(&rest[..length]);
        chunks = rest[length..].strip_prefix("\r\n").unwrap_or_default();
    }
    body
}

/// Checks the responses of an application, which is the same in every framework.
///
/// | path | handler |
/// | --- | --- |
/// | `/show` | `{id} {id in a spawned task} {tenant}` |
/// | `/panic` | panics |
/// | `/stream` | its body is created while it is polled: the id |
/// | `/entry` | an inner `#[context_entry]`: its id |
/// | `/missing` | none |
pub(crate) async fn has_one_id_everywhere(address: SocketAddr) {
    let sent: &[(&str, &str)] = &[("x-request-id", "order-7"), ("x-tenant", "acme")];
    let spoilt: &[(&str, &str)] = &[("x-request-id", "no id"), ("x-tenant", "acme")];
    for (path, status, body) in [
        ("/show", 200, "ID ID acme"),
        ("/panic", 500, ""),
        ("/stream", 200, "ID"),
        ("/entry", 200, "ID"),
        ("/missing", 404, ""),
    ] {
        let answer = get(address, path, sent).await;
        assert_eq!((answer.status, answer.id()), (status, "order-7"), "{path}");
        if status == 200 {
            assert_eq!(answer.body, body.replace("ID", "order-7"), "{path}");
        }
        let answer = get(address, path, spoilt).await;
        assert_eq!((answer.status, answer.id().len()), (status, 36), "{path}");
        if status == 200 {
            assert_eq!(answer.body, body.replace("ID", answer.id()), "{path}");
        }
    }
}

/// The same application with a layer that requires the tenant.
pub(crate) async fn rejects_with_the_id(address: SocketAddr) {
    let answer = get(address, "/show", &[("x-request-id", "order-7")]).await;
    assert_eq!((answer.status, answer.id()), (400, "order-7"));
    assert!(answer.body.contains("x-tenant"), "{}", answer.body);
    assert_eq!(answer.all("content-type"), ["application/problem+json"]);
    let answer = get(
        address,
        "/show",
        &[("x-request-id", "order-7"), ("x-tenant", "acme")],
    )
    .await;
    assert_eq!(answer.body, "order-7 order-7 acme");
}

/// The same application with a layer that trusts only requests with the query `trusted`: `/raw`
/// returns the headers `x-request-id` and `x-tenant` as the handler sees them.
pub(crate) async fn removes_what_is_not_trusted(address: SocketAddr) {
    let sent = [("x-request-id", "order-7"), ("x-tenant", "acme")];
    let answer = get(address, "/raw", &sent).await;
    assert_eq!(answer.body, format!("{} ", answer.id()));
    assert_eq!(answer.id().len(), 36);
    let answer = get(address, "/raw?trusted", &sent).await;
    assert_eq!((answer.id(), &*answer.body), ("order-7", "order-7 acme"));
}
