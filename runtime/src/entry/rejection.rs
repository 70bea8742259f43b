//! Why a value from outside was not taken.

use std::fmt;

use super::MAX_BYTES;
use crate::util::diagnostics;

/// The reason, with the length of the value at most: never the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RejectReason {
    Empty,
    TooLong {
        bytes: usize,
        most: usize,
    },
    NotPrintable {
        bytes: usize,
    },
    Controls {
        bytes: usize,
    },
    Several {
        times: usize,
    },
    Forbidden {
        bytes: usize,
    },
    NotValid {
        bytes: usize,
    },
    /// The parser says more than that it failed, and does not repeat the value.
    Told(String),
    /// Its parser, validator or transformation panics for it.
    Panics {
        bytes: usize,
    },
    TooMuch {
        most: usize,
    },
}

impl RejectReason {
    pub(super) const fn too_much() -> Self {
        Self::TooMuch { most: MAX_BYTES }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { bytes, most } => {
                write!(f, "is too long ({bytes} bytes of at most {most})")
            }
            Self::NotPrintable { bytes } => write!(f, "is not printable ASCII ({bytes} bytes)"),
            Self::Controls { bytes } => write!(f, "holds control characters ({bytes} bytes)"),
            Self::Several { times } => write!(f, "occurs {times} times"),
            Self::Forbidden { bytes } => write!(f, "is refused by the validator ({bytes} bytes)"),
            Self::NotValid { bytes } => write!(f, "does not parse ({bytes} bytes)"),
            Self::Told(reason) => write!(f, "is not valid: {reason}"),
            Self::Panics { bytes } => write!(f, "makes its parser panic ({bytes} bytes)"),
            Self::TooMuch { most } => write!(f, "is one value too many ({most} bytes in all)"),
        }
    }
}

/// A value that was not taken, and where it stood.
#[derive(Clone, Debug)]
pub(crate) struct Rejection {
    pub(super) variable: &'static str,
    pub(super) key: String,
    pub(super) reason: RejectReason,
}

impl Rejection {
    pub(crate) fn report(&self) {
        diagnostics::left_out(self.variable, &self.key, &self.reason);
    }
}
