//! `RequestHead`: the part of a request that a trust function can inspect.

use std::fmt;
use std::net::SocketAddr;

use crate::propagation::carrier::{Carrier, Head};

/// The known metadata of a request, a message or a job, for deciding whether to trust it: see
/// [`Entry::trust_if`](super::Entry::trust_if).
///
/// Messages and bare header maps have no method, path or peer.
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

    /// Returns the method of an HTTP request.
    #[must_use]
    pub const fn method(&self) -> Option<&'r str> {
        self.head.method
    }

    /// Returns the path of an HTTP request.
    #[must_use]
    pub const fn path(&self) -> Option<&'r str> {
        self.head.path
    }

    /// Returns the address of the connection's peer for requests of actix-web and poem. With axum, it is in the
    /// [extensions](Self::extension), as `ConnectInfo<SocketAddr>`.
    #[must_use]
    pub const fn peer_addr(&self) -> Option<SocketAddr> {
        self.head.peer
    }

    /// Returns the value of a header or of a message's key, if it occurs exactly once and is valid UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let (mut times, mut value) = (0_usize, None);
        self.carrier.visit(name, &mut |bytes| {
            times += 1;
            value = std::str::from_utf8(bytes).ok().map(ToOwned::to_owned);
        });
        value.filter(|_| times == 1)
    }

    /// Returns a value that a framework or an outer layer has stored in the extensions of the request. The extensions
    /// of actix-web are not available.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&'r T> {
        self.head.extensions?.get()
    }
}

impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may contain credentials.
        f.debug_struct("RequestHead")
            .field("method", &self.head.method)
            .field("path", &self.head.path)
            .field("peer_addr", &self.head.peer)
            .finish_non_exhaustive()
    }
}
