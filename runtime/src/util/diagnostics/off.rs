//! No diagnostics: without the features `tracing` and `log` there is no log to write to.

use std::fmt::Display;

pub(crate) fn dropped(_variable: &str, _key: &str, _reason: &dyn Display) {}

pub(crate) fn warning(_what: &dyn Display) {}

#[cfg(feature = "http")]
pub(crate) mod requests {
    pub(crate) fn panic(_message: &str) {}

    pub(crate) fn abandoned(_what: &str, _before: &str) {}
}
