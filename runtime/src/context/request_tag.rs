//! `RequestTag`: which request a scope belongs to.

use std::num::NonZeroUsize;

/// The number of a request, a message or a job, and whether its carrier was trusted.
///
/// The scope that an entry opens has it, and so do those of its children; and so does the request itself, in its
/// extensions. So an inner entry tells its own request from another one that is served in the same scope.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "request-id"),
    expect(dead_code, reason = "only entries make one")
)]
pub struct RequestTag {
    number: NonZeroUsize,
    trusted: bool,
}

/// Which entries a request has passed, as far as its carrier says.
#[cfg(feature = "request-id")]
#[derive(Clone, Copy, Debug)]
pub enum FoundTag {
    /// Not a request, or a part of one without extensions: the current scope decides.
    Unknown,
    /// None, whatever scope is current: a request that is made in the scope of another one is a request of its own.
    None,
    /// The outermost one left this tag.
    One(RequestTag),
}

#[cfg(feature = "request-id")]
impl FoundTag {
    /// From the extensions of a request.
    #[must_use]
    pub fn of(tag: Option<&RequestTag>) -> Self {
        tag.copied().map_or(Self::None, Self::One)
    }
}

#[cfg(feature = "request-id")]
impl RequestTag {
    /// A tag that no other request has.
    pub(crate) fn new(trusted: bool) -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};

        static LAST: AtomicUsize = AtomicUsize::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Self {
            number: NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN),
            trusted,
        }
    }

    /// The number of the request, which no other has.
    pub(crate) fn number(self) -> NonZeroUsize {
        self.number
    }

    pub(crate) fn is_trusted(self) -> bool {
        self.trusted
    }

    pub(crate) fn is_same_request(self, other: Self) -> bool {
        self.number == other.number
    }

    /// The same request, untrusted.
    pub(crate) fn distrusted(self) -> Self {
        Self {
            trusted: false,
            ..self
        }
    }
}
