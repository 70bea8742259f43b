//! Ways into and out of the process. Policy is in `entry`.

pub mod baggage;
pub(crate) mod carrier;
#[cfg(feature = "http")]
pub(crate) mod http;
pub(crate) mod inject;
#[cfg_attr(not(feature = "request-id"), path = "no_request.rs")]
pub(crate) mod request;
pub mod traceparent;

pub use self::carrier::{Carrier, CarrierMut, InsertError};
pub use self::inject::inject;
