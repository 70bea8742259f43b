//! `Token`: reverts a `set`.

use std::fmt;

use crate::context::current::{self, OutsideEveryScope};
use crate::context::frame::Frame;
use crate::var::binding::Value;
use crate::var::write_id::WriteId;
use crate::var::{ContextVar, NoScope};

/// Reverts the [`ContextVar::set`] that returned it.
///
/// ```
/// # use propagate_context::{Context, ContextVar};
/// static USER: ContextVar<&str> = ContextVar::new("user");
/// Context::empty().sync_scope(|| {
///     USER.set("alice");
///     let token = USER.set("root");
///     token.reset();
///     assert_eq!(USER.get(), Some("alice"));
/// });
/// ```
pub struct Token<T: 'static> {
    variable: &'static ContextVar<T>,
    written: WriteId,
    previous: Option<Value>,
}

impl<T: Send + Sync + 'static> Token<T> {
    /// Restores the value that the variable had before the `set`, if the current scope still holds the very value that
    /// was set. Otherwise it does nothing, for example in the scope of another request, outside of every scope, or
    /// after a later `set`.
    pub fn reset(self) {
        let Self {
            variable,
            written,
            mut previous,
        } = self;
        let index = variable.index_or_assign();
        // Neither the current value nor the restored one may be dropped within `update`: destructors are user code.
        let mut covered = None;
        let _displaced = current::update(|scope| {
            let frame = scope?;
            let held = frame.table.get(index)?;
            (held.written() == written).then(|| {
                Frame::replace(
                    frame,
                    index,
                    previous.take(),
                    variable.traits(),
                    &mut covered,
                )
            })
        });
    }
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// Sets the value in the innermost scope. All code that runs in this scope from now on sees it, including callers.
    /// Outer scopes and children that were spawned before do not.
    ///
    /// The returned token can revert the change. Drop it if that is not needed.
    ///
    /// # Panics
    ///
    /// Panics outside of every scope, where the value would remain on the thread for unrelated code that runs there
    /// next. [`try_set`](Self::try_set) returns an error instead.
    #[track_caller]
    pub fn set(&'static self, value: T) -> Token<T> {
        match self.try_set(value) {
            Ok(token) => token,
            Err(error) => panic!("{error}"),
        }
    }

    /// Like [`set`](Self::set), but returns an error if there is no scope.
    ///
    /// # Errors
    ///
    /// Returns an error outside of every scope.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant");
    /// assert!(TENANT.try_set("acme".to_owned()).is_err());
    /// ```
    pub fn try_set(&'static self, value: T) -> Result<Token<T>, NoScope> {
        let written = WriteId::new();
        let value = self.bind_written(value, written);
        let mut covered = None;
        match current::set(self.index_or_assign(), value, self.traits(), &mut covered) {
            Ok(previous) => Ok(Token {
                variable: self,
                written,
                previous,
            }),
            Err(OutsideEveryScope(_value)) => Err(NoScope::new(self.name())),
        }
    }
}

impl<T> fmt::Debug for Token<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Token").field(self.variable).finish()
    }
}
