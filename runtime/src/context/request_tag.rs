//! `RequestTag`: identifies the request that a scope belongs to.

use std::num::NonZeroUsize;

/// The number of a request, a message or a job, and whether its carrier was trusted.
///
/// The scope that an entry opens, the scopes of its children, and the extensions of the request all have the same tag.
/// An inner entry can therefore distinguish its own request from another one that is served in the same scope.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "request-id"),
    expect(dead_code, reason = "only entries make one")
)]
pub struct RequestTag {
    number: NonZeroUsize,
    trusted: bool,
    handled: Handled,
}

/// The tasks that the entry of a scope performs for the whole request, so that inner entries do not repeat them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Handled(u32);

#[cfg(feature = "request-id")]
impl Handled {
    /// The entry has looked for a trace. If the scope has no trace, neither does the request.
    pub(crate) const TRACE: Self = Self(1);

    /// The number of members that have a bit of their own.
    pub(crate) const BITS: usize = 31;

    /// Represents all members without their own bit. No set includes it.
    const OTHERS: u32 = 1 << Self::BITS;

    pub(crate) const fn bit(n: usize) -> Self {
        if n < Self::BITS {
            Self(1 << n)
        } else {
            Self(Self::OTHERS)
        }
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    pub(crate) const fn includes(self, other: Self) -> bool {
        other.0 & !(self.0 & !Self::OTHERS) == 0
    }
}

/// The entries that a request has passed through, according to its carrier.
#[cfg(feature = "request-id")]
#[derive(Clone, Copy, Debug)]
pub enum FoundTag {
    /// Not a request, or a part of one without extensions: the current scope decides.
    Unknown,
    /// None, regardless of the current scope: a request that is made in the scope of another one is a separate request.
    None,
    /// The outermost entry has left this tag.
    One(RequestTag),
}

#[cfg(feature = "request-id")]
impl FoundTag {
    /// Reads the tag from the extensions of a request.
    #[must_use]
    pub fn of(tag: Option<&RequestTag>) -> Self {
        tag.copied().map_or(Self::None, Self::One)
    }
}

#[cfg(feature = "request-id")]
impl RequestTag {
    /// Creates a tag that no other request has.
    pub(crate) fn new(trusted: bool, handled: Handled) -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};

        static LAST: AtomicUsize = AtomicUsize::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Self {
            number: NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN),
            trusted,
            handled,
        }
    }

    pub(crate) fn handled(self) -> Handled {
        self.handled
    }

    /// Returns the number of the request, which is unique.
    pub(crate) fn number(self) -> NonZeroUsize {
        self.number
    }

    pub(crate) fn is_trusted(self) -> bool {
        self.trusted
    }

    pub(crate) fn is_same_request(self, other: Self) -> bool {
        self.number == other.number
    }

    /// Returns the tag of the same request, untrusted.
    pub(crate) fn distrusted(self) -> Self {
        Self {
            trusted: false,
            ..self
        }
    }
}
