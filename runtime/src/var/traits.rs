//! `Traits`: the properties of variables that a table needs.

use std::any::TypeId;
use std::sync::Arc;

/// The properties of the variables in a table.
#[derive(Clone, Copy, Default)]
pub(crate) struct Traits {
    pub(crate) task_only: bool,
    /// Whether a value may hold a context, whose values may hold contexts in turn.
    pub(crate) may_nest: bool,
}

impl Traits {
    /// Combines the traits, for a table with values of both.
    #[inline]
    pub(crate) fn add(&mut self, other: Self) {
        self.task_only |= other.task_only;
        self.may_nest |= other.may_nest;
    }
}

/// Whether `T` is one of the types that are known to own only text or bytes.
///
/// The type is known at compile time, so the comparisons are optimized out.
#[inline]
pub(super) fn is_text<T: 'static>() -> bool {
    macro_rules! is_any_of {
        ($($text:ty),*) => { $(TypeId::of::<T>() == TypeId::of::<$text>())||* };
    }
    is_any_of!(
        String,
        Box<str>,
        Arc<str>,
        Vec<u8>,
        Option<String>,
        Option<Arc<str>>,
        Arc<String>
    )
}
