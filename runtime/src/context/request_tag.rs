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
    handled: Handled,
}

/// What the entry that opened a scope does for the whole request, so that inner entries need not: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "request-id"),
    expect(dead_code, reason = "only entries make one")
)]
pub(crate) struct Handled(u32);

#[cfg(feature = "request-id")]
impl Handled {
    /// It has looked for a trace, and there is none where the scope has none.
    pub(crate) const TRACE: Self = Self(1);

    /// How many members have a bit of their own.
    pub(crate) const BITS: usize = 31;

    /// What stands for every member without a bit of its own. No set includes it.
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
