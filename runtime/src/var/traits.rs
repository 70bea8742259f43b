//! `Traits`: what a table has to know of a variable.

use std::any::TypeId;
use std::sync::Arc;

/// What a table has to know of the variables in it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Traits {
    pub(crate) task_only: bool,
    /// Whether a value may hold a context, whose values may hold contexts.
    pub(crate) may_nest: bool,
}

impl Traits {
    /// Of values of all these variables.
    #[inline]
    pub(crate) fn add(&mut self, other: Self) {
        self.task_only |= other.task_only;
        self.may_nest |= other.may_nest;
    }
}

/// Whether a `T` is of a type that is known to own text or bytes and nothing else.
///
/// It is known at compile time, so that nothing is left of the comparisons.
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
