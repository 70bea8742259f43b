//! Where a context begins: one policy for HTTP requests, messages and jobs.
//!
//! # What is taken from outside
//!
//! | what comes in | what happens |
//! | --- | --- |
//! | nothing | an id is made ([`Inbound::generate`]); other variables stay without a value |
//! | one valid value | it is taken as it is: an id is never edited |
//! | an empty, too long or unprintable value, forbidden characters, a key or a member of `baggage` that occurs twice, a value that its parser panics for | as if nothing had come; one `debug` line tells why, without the value |
//! | characters beyond ASCII | taken from maps of text and from `baggage`, which encodes them; in headers they are unprintable, since nobody knows their encoding |
//! | the first of several headers is not valid | the next is looked at |
//! | a [`required`](Inbound::required) variable is missing or not valid | an HTTP request is answered with 400 and a short problem body |
//!
//! # At the edge
//!
//! <div class="warning">
//!
//! An id that a client made up stands on your log lines, and two clients may send the same one. Inside your own
//! network that is the point. On a public listener turn it off: [`Entry::trust`] with `false`, or `.trust(..)` of the
//! layer, which looks at the request. Then nothing is read from the carrier.
//!
//! </div>

pub(crate) mod arrival;
mod brought;
pub(crate) mod call;
#[cfg(feature = "http")]
mod extractor;
mod field;
mod inbound;
mod key;
mod missing;
mod policy;
mod reading;
mod rejection;
mod source;
mod target;

pub(crate) use self::arrival::{FoundTag, OpenedScope};
#[cfg(feature = "http")]
pub(crate) use self::brought::EchoedHeader;
pub use self::call::EntryOutput;
#[cfg(feature = "http")]
pub use self::extractor::{EntryExtractor, ExtractedRequest, NoArgument};
pub(crate) use self::field::Field;
pub use self::inbound::Inbound;
pub(crate) use self::key::Key;
pub use self::missing::MissingValue;
pub(crate) use self::policy::MakeId;
pub use self::policy::{Entry, MAX_BYTES};
pub(crate) use self::source::{CarrierView, RawValue};
