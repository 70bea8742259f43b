//! Diagnostics as records of `log`.

use std::fmt::Display;

use log::{debug, warn};

/// Reports an inbound or outbound value that was dropped.
pub(crate) fn dropped(variable: &str, key: &str, reason: &dyn Display) {
    debug!(
        target: "propagate_context",
        "dropped context value: name={variable} key={key} reason={reason:?}",
        reason = reason.to_string(),
    );
}

/// Reports a problem that an operator should look at.
pub(crate) fn warning(what: &dyn Display) {
    warn!(target: "propagate_context", "{what}");
}

#[cfg(feature = "http")]
pub(crate) mod requests {
    use log::{debug, error};

    use crate::util::reported_panic::REPORTED;

    /// Reports a panic that was turned into a response, unless the panic hook has already reported it.
    pub(crate) fn panic(message: &str) {
        if !REPORTED.take() {
            error!(target: "propagate_context", "a request was answered with 500 after a panic: {message:?}");
        }
    }

    /// Reports that something was dropped early, usually because the client disconnected.
    pub(crate) fn abandoned(what: &str, before: &str) {
        debug!(target: "propagate_context", "the {what} was dropped before {before}");
    }
}
