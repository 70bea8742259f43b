//! What a carrier of HTTP knows of its request.

use std::net::SocketAddr;

use ::http::{Extensions, HeaderMap};

use crate::context::request_tag::FoundTag;

/// What an HTTP carrier knows beyond its values.
#[derive(Clone, Copy, Debug)]
pub struct Http<'c> {
    /// The headers, which are read without parsing a key for every request; `None` where a framework has a map of its
    /// own.
    pub(crate) headers: Option<&'c HeaderMap>,
    /// Which entries the request has passed.
    pub(crate) found_tag: FoundTag,
}

/// What an HTTP carrier knows of its request, beside the headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head<'c> {
    pub(crate) method: Option<&'c str>,
    pub(crate) path: Option<&'c str>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) extensions: Option<&'c Extensions>,
}
