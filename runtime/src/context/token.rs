//! `Token`: takes one `set` back.

use std::fmt;
use std::sync::Arc;

use crate::context::current;
use crate::context::frame::Frame;
use crate::context::table::Value;
use crate::var::ContextVar;

/// What [`ContextVar::set`] gives back: takes that `set` back.
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
    value: Value,
    previous: Option<Value>,
}

impl<T: Send + Sync + 'static> Token<T> {
    pub(crate) fn new(
        variable: &'static ContextVar<T>,
        value: Value,
        previous: Option<Value>,
    ) -> Self {
        Self {
            variable,
            value,
            previous,
        }
    }

    /// Puts back what the variable held before that `set`, where the current scope still holds the very value which
    /// that `set` put there. Anywhere else (another request's scope, no scope, after a later `set`) it does nothing.
    pub fn reset(self) {
        let Self {
            variable,
            value,
            mut previous,
        } = self;
        let number = variable.number_or_new();
        // Neither what the scope held nor what is put back may be dropped in there: destructors are a user's code.
        let _displaced = current::update(|scope| {
            let frame = scope?;
            let held = frame.table.get(number)?;
            Arc::ptr_eq(held, &value)
                .then(|| Frame::replace(frame, number, previous.take(), variable.is_task_only()))
        });
    }
}

impl<T> fmt::Debug for Token<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Token").field(self.variable).finish()
    }
}
