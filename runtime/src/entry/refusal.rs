//! Why a value from outside was not taken.

use std::fmt;

use crate::report;

/// The reason, with the length of the value at most: never the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Empty,
    TooLong {
        bytes: usize,
        most: usize,
    },
    NotPrintable {
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
    TooMuch {
        most: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { bytes, most } => {
                write!(f, "is too long ({bytes} bytes of at most {most})")
            }
            Self::NotPrintable { bytes } => write!(f, "is not printable ASCII ({bytes} bytes)"),
            Self::Several { times } => write!(f, "occurs {times} times"),
            Self::Forbidden { bytes } => write!(f, "is refused by the validator ({bytes} bytes)"),
            Self::NotValid { bytes } => write!(f, "does not parse ({bytes} bytes)"),
            Self::Told(reason) => f.write_str(reason),
            Self::TooMuch { most } => write!(f, "is one value too many ({most} bytes in all)"),
        }
    }
}

/// A value that was not taken, and where it stood.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(super) variable: &'static str,
    pub(super) key: String,
    pub(super) reason: Reason,
}

impl Refusal {
    pub(crate) fn report(&self) {
        report::left_out(self.variable, &self.key, &self.reason);
    }
}
