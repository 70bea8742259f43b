//! Entry points: how the context of an HTTP request, a message or a job is extracted.
//!
//! # What is extracted
//!
//! | the carrier has | result |
//! | --- | --- |
//! | no value | an id is generated ([`Inbound::generate`]); other variables have no value |
//! | one valid value | it is accepted unchanged, unless [`Inbound::transform`] changes it |
//! | an empty, too long or unprintable value, a value with forbidden characters, a header or baggage member that occurs more than once, a value that makes its parser panic | the same as no value, and no other place is searched. Otherwise, a client could invalidate the header that a proxy sets, and have its own value accepted from `baggage` or another header. A `debug` line logs the reason, without the value |
//! | several headers of [`REQUEST_ID`](crate::REQUEST_ID), of which the first is invalid | the next header is tried |
//! | non-ASCII characters | accepted from maps of text and from `baggage`, which encodes them; rejected in headers, since their encoding is not known |
//! | a missing or invalid value of a [`required`](Inbound::required) variable | the response to an HTTP request is 400 with a short problem body |
//!
//! # At the edge
//!
//! <div class="warning">
//!
//! By default, an id that the client chose is on your log lines, and two clients may send the same id. Inside your own
//! network, that is intended. On a public listener, turn it off: use [`Entry::trust`] with `false`, or the layer's
//! `.trust(..)`, which can decide for each request. Nothing is read from an untrusted carrier, and the layer removes
//! the headers and baggage members of all extracted variables from the request.
//!
//! </div>

mod acceptance;
pub(crate) mod arrival;
pub(crate) mod call;
mod cloud_id;
mod echoes;
#[cfg(feature = "http")]
mod extractor;
mod field;
pub(crate) mod generated;
mod inbound;
mod key;
pub(crate) mod known_keys;
mod missing;
mod notes;
mod policy;
mod reading;
mod rejection;
mod request_head;
mod source;
mod target;

pub(crate) use self::arrival::{OpenedScope, Opener};
pub use self::call::EntryOutput;
#[cfg(feature = "http")]
pub use self::extractor::{EntryExtractor, ExtractedRequest, NoArgument};
pub(crate) use self::field::Field;
pub use self::inbound::Inbound;
pub use self::missing::MissingValue;
pub(crate) use self::notes::EchoedHeader;
pub use self::policy::{Entry, MAX_BYTES};
pub use self::request_head::RequestHead;
