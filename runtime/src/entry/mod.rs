//! Where a context begins: one policy for HTTP requests, messages and jobs.
//!
//! # What is extracted
//!
//! | the carrier has | what happens |
//! | --- | --- |
//! | no value | an id is generated ([`Inbound::generate`]); other variables have no value |
//! | one valid value | it is accepted as it is: an id is never edited |
//! | an empty, too long or unprintable value, forbidden characters, a header or a member of `baggage` that occurs twice, a value that its parser panics for | as if there were no value, and the search ends: a client cannot spoil a header that a proxy sets, and have its own value accepted from `baggage` or a further header. One `debug` line says why, without the value |
//! | an invalid first of several headers of [`REQUEST_ID`](crate::REQUEST_ID) | the next one is looked at |
//! | characters beyond ASCII | accepted from maps of text and from `baggage`, which encodes them; not from headers, whose encoding is not known |
//! | a missing or invalid value of a [`required`](Inbound::required) variable | the response to an HTTP request is 400 with a short problem body |
//!
//! # At the edge
//!
//! <div class="warning">
//!
//! An id that a client chose is on your log lines, and two clients may send the same one. Inside your own network
//! that is the purpose. On a public listener turn it off: [`Entry::trust`] with `false`, or `.trust(..)` of the layer,
//! which looks at the request. Then nothing is read from the carrier, and the layer removes from the request what its
//! variables are extracted from.
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
