//! `RequestHead`: what a function that decides about trust sees of a request.

use std::fmt;
use std::net::SocketAddr;

use crate::propagation::carrier::{Carrier, Head};

/// What is known of the request, message or job that an entry is asked about: see [`Entry::trust_if`](super::Entry::trust_if).
///
/// A map of headers alone, and a message, know neither a method nor a path nor a peer.
#[derive(Clone, Copy)]
pub struct RequestHead<'r> {
    carrier: &'r dyn Carrier,
    head: Head<'r>,
}

impl<'r> RequestHead<'r> {
    pub(super) fn of(carrier: &'r dyn Carrier) -> Self {
        let head = carrier.head();
        Self { carrier, head }
    }

    /// The method of an HTTP request.
    #[must_use]
    pub const fn method(&self) -> Option<&'r str> {
        self.head.method
    }

    /// The path of an HTTP request.
    #[must_use]
    pub const fn path(&self) -> Option<&'r str> {
        self.head.path
    }

    /// The peer of the connection, for requests of actix-web and poem. axum has it in the
    /// [extensions](Self::extension), as `ConnectInfo<SocketAddr>`.
    #[must_use]
    pub const fn peer_addr(&self) -> Option<SocketAddr> {
        self.head.peer
    }

    /// The value of a header, or of a message under this key, if it occurs once and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let (mut times, mut value) = (0_usize, None);
        self.carrier.visit(name, &mut |bytes| {
            times += 1;
            value = std::str::from_utf8(bytes).ok().map(ToOwned::to_owned);
        });
        value.filter(|_| times == 1)
    }

    /// What a framework or an outer layer has left in the extensions of the request. actix-web's cannot be seen.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&'r T> {
        self.head.extensions?.get()
    }
}

impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold credentials.
        f.debug_struct("RequestHead")
            .field("method", &self.head.method)
            .field("path", &self.head.path)
            .field("peer_addr", &self.head.peer)
            .finish_non_exhaustive()
    }
}
