//! `Rejection`: a received value that was not accepted, and the reason.

use std::fmt;

use crate::util::diagnostics;

/// The reason for a rejection. It may contain the length of the value, but never the value itself.
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
    /// The parser's error message, which does not contain the value.
    Described(String),
    /// Its parser, validator or transformation panicked.
    Panics {
        bytes: usize,
    },
    TooMuch {
        most: usize,
    },
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { bytes, most } => {
                write!(f, "is too long ({bytes} bytes of at most {most})")
            }
            Self::NotPrintable { bytes } => write!(f, "is not printable ASCII ({bytes} bytes)"),
            Self::Controls { bytes } => write!(f, "contains control characters ({bytes} bytes)"),
            Self::Several { times } => write!(f, "occurs {times} times"),
            Self::Forbidden { bytes } => write!(f, "was rejected by the validator ({bytes} bytes)"),
            Self::NotValid { bytes } => write!(f, "does not parse ({bytes} bytes)"),
            Self::Described(reason) => write!(f, "is not valid: {reason}"),
            Self::Panics { bytes } => write!(f, "made its parser panic ({bytes} bytes)"),
            Self::TooMuch { most } => write!(f, "exceeds the limit of {most} bytes in all"),
        }
    }
}

/// A value that was not accepted, and the key under which it was found.
#[derive(Clone, Debug)]
pub(crate) struct Rejection {
    pub(super) variable: &'static str,
    pub(super) key: String,
    pub(super) reason: RejectReason,
}

impl Rejection {
    pub(crate) fn report(&self) {
        diagnostics::dropped(self.variable, &self.key, &self.reason);
    }
}
