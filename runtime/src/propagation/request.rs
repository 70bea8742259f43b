//! What an HTTP carrier provides in addition to keys and values.

use std::net::SocketAddr;

use ::http::{Extensions, HeaderMap};

use crate::context::request_tag::FoundTag;

/// Additional data of an HTTP carrier.
#[derive(Clone, Copy, Debug)]
pub struct Http<'c> {
    /// The headers, which can be read without parsing a key for every request; `None` if a framework uses its own map
    /// type.
    pub(crate) headers: Option<&'c HeaderMap>,
    /// The entries that the request has passed through.
    pub(crate) found_tag: FoundTag,
}

/// Additional data of the request that an HTTP carrier belongs to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head<'c> {
    pub(crate) method: Option<&'c str>,
    pub(crate) path: Option<&'c str>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) extensions: Option<&'c Extensions>,
}
