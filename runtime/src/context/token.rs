//! `Token`: takes one `set` back.

use std::fmt;

use crate::context::current::{self, OutsideEveryScope};
use crate::context::frame::Frame;
use crate::var::binding::Value;
use crate::var::write_id::WriteId;
use crate::var::{ContextVar, NoScope};

/// Returned by [`ContextVar::set`]: takes that `set` back.
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
    /// Puts back what the variable held before that `set`, where the current scope still holds the very value which
    /// that `set` put there. Anywhere else (another request's scope, no scope, after a later `set`) it does nothing.
    pub fn reset(self) {
        let Self {
            variable,
            written,
            mut previous,
        } = self;
        let index = variable.index_or_assign();
        // Neither what the scope held nor what is put back may be dropped in there: destructors are a user's code.
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
    /// Sets the value in the innermost scope: for all code that runs in it from now on, callers included; not for
    /// the scope around it, nor for children that were spawned before.
    ///
    /// The token takes it back; drop it where that is not wanted.
    ///
    /// # Panics
    ///
    /// Outside every scope, where the value would stay on the thread for whatever runs there next.
    /// [`try_set`](Self::try_set) returns an error instead.
    #[track_caller]
    pub fn set(&'static self, value: T) -> Token<T> {
        match self.try_set(value) {
            Ok(token) => token,
            Err(error) => panic!("{error}"),
        }
    }

    /// Like [`set`](Self::set), where there may be no scope.
    ///
    /// # Errors
    ///
    /// Outside every scope.
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
