//! Reads of the current scope.

use crate::context::current;
use crate::var::ContextVar;

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// Returns a copy of the current value, or of the default if no value is set.
    ///
    /// Outside of any scope, in a destructor or without a runtime, this returns `None` or the default. It panics only
    /// if the value's `clone` panics, or outside of any scope in a strict test (`testing::strict`).
    #[inline]
    #[cfg_attr(feature = "testing", track_caller)]
    pub fn get(&'static self) -> Option<T>
    where
        T: Clone,
    {
        self.with(|value| Some(value?.clone()))
    }

    /// Calls `f` with the current value, or with the default if no value is set.
    ///
    /// `f` may read and write variables and enter scopes; the value that it was called with does not change.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant");
    /// let length = TENANT.sync_scope("acme".to_owned(), || TENANT.with(|tenant| tenant.map_or(0, String::len)));
    /// assert_eq!(length, 4);
    /// ```
    #[inline]
    #[cfg_attr(feature = "testing", track_caller)]
    pub fn with<R>(&'static self, f: impl FnOnce(Option<&T>) -> R) -> R {
        #[cfg(feature = "testing")]
        if self.peek(|value| value.is_none()) {
            crate::context::test_support::note_read(self.name());
        }
        let index = self.index_to_look_up();
        current::lend_part(
            |frame| Self::typed(frame.table.get(index)?),
            |value| f(value.or_else(|| self.default_value())),
        )
    }

    /// [`with`](Self::with) for reads by this crate: ignores the default, and never fails a strict test.
    pub(crate) fn peek<R>(&'static self, f: impl FnOnce(Option<&T>) -> R) -> R {
        let index = self.index_to_look_up();
        current::lend_part(|frame| Self::typed(frame.table.get(index)?), f)
    }
}

/// Inspects the current value at `index`. `look` must not run user code.
#[cfg(feature = "http")]
pub(crate) fn inspect_value<R>(
    index: u32,
    look: impl FnOnce(&crate::var::binding::Value) -> R,
) -> Option<R> {
    current::inspect(|scope| Some(look(scope?.table.get(index)?)))
}
