//! The content of log lines, and how it is escaped.

pub(crate) mod field;
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) mod fields;
#[cfg(feature = "log")]
pub mod log;
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) mod panic_hook;
#[cfg(feature = "tracing")]
pub mod tracing;
pub(crate) mod visit;

pub use self::field::{FieldValue, field};
pub use self::visit::{add_log_source, visit_logged};
#[cfg(any(feature = "log", feature = "tracing"))]
pub use self::{
    fields::{LoggedValue, visit_logged_values},
    panic_hook::install_panic_hook,
};
