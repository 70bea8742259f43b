//! `Context`: an immutable snapshot of variables and their values.

use std::fmt::{self, Display};
use std::panic::{RefUnwindSafe, UnwindSafe};

use triomphe::Arc;

use crate::context::ambient::{self, SavedAmbient};
use crate::context::current::{self, Scope};
use crate::context::frame::{Frame, Snapshot};
use crate::var::binding::{Assignment, Value};
use crate::var::index::LOGGED;
use crate::var::shown::Shown;
use crate::var::traits::Traits;
use crate::var::{ContextVar, Variable};

/// An immutable snapshot of variables and their values.
///
/// It is one pointer wide, and a clone increments one reference count. Later changes do not affect a snapshot. It holds
/// only values, and [`ambient`](crate::ambient) state if any is registered: it keeps no other span, lock or transaction
/// alive.
///
/// ```
/// use propagate_context::{Context, ContextVar};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant");
///
/// let context = Context::empty().with(&TENANT, "acme".to_owned());
/// let job = context.wrap(|| TENANT.get());
/// // It does not matter which context is current when the closure runs:
/// assert_eq!(std::thread::spawn(job).join().unwrap().as_deref(), Some("acme"));
/// ```
#[derive(Clone, Default)]
pub struct Context(Snapshot);

/// A snapshot is never changed, so a panic cannot leave it in an inconsistent state.
impl UnwindSafe for Context {}
impl RefUnwindSafe for Context {}

impl Context {
    /// Captures the snapshot that children of the current scope inherit. It has no `task_only` variables, and is empty
    /// outside of every scope.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// let context = USER.sync_scope(7, Context::current);
    /// assert_eq!(context.get(&USER), Some(7));
    /// assert!(Context::current().is_empty());
    /// ```
    #[must_use]
    #[inline]
    pub fn current() -> Self {
        let values = Self::of_values();
        if ambient::is_registered() {
            return values.with_ambient(ambient::capture());
        }
        values
    }

    /// Like [`current`](Self::current), but without ambient state: for values that leave the process, and for messages.
    #[inline]
    pub(crate) fn of_values() -> Self {
        Self(current::capture())
    }

    #[cold]
    fn with_ambient(self, saved: Option<SavedAmbient>) -> Self {
        match saved {
            Some(saved) => Self(Some(Frame::with_ambient(self.0, saved))),
            None => self,
        }
    }

    /// Returns a snapshot without values.
    #[must_use]
    #[inline]
    pub const fn empty() -> Self {
        Self(None)
    }

    /// Whether the snapshot has no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frame().is_none()
    }

    /// Returns a copy of this snapshot with `variable` set to `value`.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// let context = Context::empty().with(&USER, 7);
    /// assert_eq!(context.get(&USER), Some(7));
    /// ```
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(
        &self,
        variable: &'static ContextVar<T>,
        value: T,
    ) -> Self {
        let Assignment {
            index,
            value,
            traits,
        } = Assignment::new(variable, value);
        let under = self.frame().map(|frame| &**frame);
        let frame = Frame::over(under, index, Some(value), traits);
        self.with_frame(Some(frame))
    }

    /// Returns a copy of this snapshot without `variable`.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// let context = Context::empty().with(&USER, 7);
    /// assert!(context.without(&USER).is_empty());
    /// ```
    #[must_use]
    pub fn without<T: Send + Sync + 'static>(&self, variable: &'static ContextVar<T>) -> Self {
        match variable.index_if_assigned() {
            Some(index) if self.value(index).is_some() => {
                let under = self.frame().map(|frame| &**frame);
                let frame = Frame::over(under, index, None, Traits::default());
                self.with_frame(Frame::snapshot(&frame))
            }
            _ => self.clone(),
        }
    }

    /// Returns a copy of the value of `variable` in this snapshot. The variable's default is not used.
    #[must_use]
    pub fn get<T: Clone + Send + Sync + 'static>(
        &self,
        variable: &'static ContextVar<T>,
    ) -> Option<T> {
        ContextVar::typed(self.value(variable.index_if_assigned()?)?).cloned()
    }

    /// Calls `f` with the name and the value of each variable that is declared [`logged`](ContextVar::logged).
    pub fn visit_logged(&self, mut f: impl FnMut(&'static str, &dyn Display)) {
        if let Some(frame) = self.frame() {
            visit_shown(frame, |name, shown| f(name, shown.value));
        }
    }

    /// Calls `f` with each variable that is declared with a header or a baggage key, and its value.
    pub fn visit_outbound(&self, mut f: impl FnMut(&'static dyn Variable, &dyn Display)) {
        if let Some(frame) = self.frame() {
            frame.table.visit(&mut |value| {
                if let Some(sent) = value.sent() {
                    f(value.variable(), sent);
                }
            });
        }
    }

    /// Converts the snapshot to a scope, for a [`SavedScope`](super::saved_scope::SavedScope) or a
    /// [`Guard`](super::guard::Guard) that enters ambient state.
    #[inline]
    pub(crate) fn into_scope(self) -> Scope {
        self.0.or_else(Frame::empty)
    }

    /// Wraps a frame as a snapshot, which is empty if the frame has no values.
    #[cfg(feature = "request-id")]
    pub(crate) fn of(frame: &Arc<Frame>) -> Self {
        Self(Frame::snapshot(frame))
    }

    /// Returns a snapshot with other values and the same ambient state.
    fn with_frame(&self, frame: Snapshot) -> Self {
        let ambient = self.0.as_ref().and_then(|frame| frame.ambient());
        Self(frame).with_ambient(ambient.map(|ambient| ambient.saved.clone()))
    }

    pub(crate) fn frame(&self) -> Option<&Arc<Frame>> {
        let frame = self.0.as_ref()?;
        match frame.ambient() {
            Some(ambient) => ambient.frame.as_ref(),
            None => Some(frame),
        }
    }

    pub(crate) fn value(&self, index: u32) -> Option<&Value> {
        self.frame()?.table.get(index)
    }
}

/// Calls `f` with the name and the prepared value of each logged variable of the current scope.
pub(crate) fn visit_logged_of_current(f: &mut dyn FnMut(&str, Shown<'_>)) {
    current::lend(|frame| {
        if let Some(frame) = frame {
            visit_shown(frame, f);
        }
    });
}

fn visit_shown(frame: &Frame, mut f: impl FnMut(&'static str, Shown<'_>)) {
    if frame.table.is_empty() {
        return;
    }
    for &index in LOGGED.iter() {
        if let Some(value) = frame.table.get(index) {
            if let Some(shown) = value.shown() {
                f(value.variable().name(), shown);
            }
        }
    }
}

/// Shows only the names: values may be confidential.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = f.debug_set();
        if let Some(frame) = self.frame() {
            frame.table.visit(&mut |value| {
                names.entry(&value.variable().name());
            });
        }
        names.finish()
    }
}
