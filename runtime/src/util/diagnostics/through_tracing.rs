//! Diagnostics as events of `tracing`.

use std::fmt::Display;

use tracing::{debug, warn};

/// Reports an inbound or outbound value that was dropped.
pub(crate) fn dropped(variable: &str, key: &str, reason: &dyn Display) {
    debug!(target: "propagate_context", name = variable, key, reason = %reason, "dropped context value");
}

/// Reports a problem that an operator should look at.
pub(crate) fn warning(what: &dyn Display) {
    warn!(target: "propagate_context", "{what}");
}

#[cfg(feature = "http")]
pub(crate) mod requests {
    use tracing::{debug, error};

    use crate::util::reported_panic::REPORTED;

    /// Reports a panic that was turned into a response, unless the panic hook has already reported it.
    pub(crate) fn panic(message: &str) {
        if !REPORTED.take() {
            error!(target: "propagate_context", panic = message, "a request was answered with 500 after a panic");
        }
    }

    /// Reports that something was dropped early, usually because the client disconnected.
    pub(crate) fn abandoned(what: &str, before: &str) {
        debug!(target: "propagate_context", "the {what} was dropped before {before}");
    }
}
