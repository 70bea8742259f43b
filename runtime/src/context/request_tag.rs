//! `RequestTag`: which request a scope belongs to.

use std::num::NonZeroUsize;

/// The number of a request, a message or a job, and whether what it brought was trusted.
///
/// The scope that an entry opens has it, and so do those of its children; and so does the request itself, in its
/// extensions. So an entry further in tells its own request from another one that is served in the same scope.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "request-id"),
    expect(dead_code, reason = "only entries make one")
)]
pub struct RequestTag {
    number: NonZeroUsize,
    trusted: bool,
}

#[cfg(feature = "request-id")]
impl RequestTag {
    /// A mark that no other request has.
    pub(crate) fn new(trusted: bool) -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};

        static LAST: AtomicUsize = AtomicUsize::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Self {
            number: NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN),
            trusted,
        }
    }

    pub(crate) fn is_trusted(self) -> bool {
        self.trusted
    }

    pub(crate) fn is_of_the_request_of(self, other: Self) -> bool {
        self.number == other.number
    }

    /// The same request, which somebody does not trust.
    pub(crate) fn distrusted(self) -> Self {
        Self {
            trusted: false,
            ..self
        }
    }
}
