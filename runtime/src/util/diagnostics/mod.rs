//! The log lines of this crate itself: through `tracing` if that feature is enabled, otherwise through `log`, otherwise
//! none.
//!
//! No line repeats an untrusted value, so that its sender cannot inject text into the log.

#[cfg_attr(feature = "tracing", path = "through_tracing.rs")]
#[cfg_attr(
    all(feature = "log", not(feature = "tracing")),
    path = "through_log.rs"
)]
#[cfg_attr(not(any(feature = "log", feature = "tracing")), path = "off.rs")]
mod lines;

#[cfg(feature = "http")]
pub(crate) use self::lines::requests::{abandoned, panic};
pub(crate) use self::lines::{dropped, warning};
