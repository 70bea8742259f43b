//! What is shown on log lines, and how it is escaped.

#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) mod fields;
#[cfg(feature = "log")]
pub mod log;
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) mod panic_hook;
#[cfg(feature = "tracing")]
pub mod tracing;

#[cfg(any(feature = "log", feature = "tracing"))]
pub use self::panic_hook::install_panic_hook;
