//! State that other libraries keep in thread-locals, propagated together with the variables.
//!
//! This can be a `tracing` span, OpenTelemetry's `Context`, Sentry's hub, or a thread-local of your own. Once
//! [`register`]ed, it is captured with every snapshot for a child ([`Context::current`](crate::Context::current), the
//! spawns that `#[propagate_context]` rewrites, `wrap`, [`task`](crate::task), `in_current_context`). It is entered and
//! left together with the scope of that snapshot, at each poll and in the drop.
//!
//! It is not captured when an annotated function is called, by `VAR.scope(..)` and `set(..)`, or by messages and
//! response bodies, and a `#[detached]` spawn does not inherit it. Entering [`Context::empty`](crate::Context::empty)
//! in place hides values, but not ambient state. tokio's task-locals can only be entered with a closure, so they cannot
//! be propagated in this way.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use crate::context::nested_drop;

/// Access to state that another library keeps in a thread-local.
///
/// Both methods may read variables, log, and enter scopes. If one of them panics, or a destructor of a value that it
/// returned, only this piece of ambient state is lost. The methods themselves neither capture nor enter ambient state.
///
/// ```
/// use std::cell::Cell;
/// use propagate_context::{Context, ambient};
///
/// thread_local! { static LOCALE: Cell<&'static str> = const { Cell::new("en") } }
///
/// struct Locale;
///
/// /// Restores the previous value.
/// struct Restore(&'static str);
///
/// impl ambient::Ambient for Locale {
///     type Saved = &'static str;
///     type Entered = Restore;
///     fn capture(&self) -> Option<&'static str> {
///         Some(LOCALE.get())
///     }
///     fn enter(&self, saved: &&'static str) -> Restore {
///         Restore(LOCALE.replace(saved))
///     }
/// }
///
/// impl Drop for Restore {
///     fn drop(&mut self) {
///         LOCALE.set(self.0);
///     }
/// }
///
/// ambient::register(Locale);
/// LOCALE.set("fr");
/// let job = Context::current().wrap(|| LOCALE.get());
/// assert_eq!(std::thread::spawn(job).join().unwrap(), "fr");
/// ```
pub trait Ambient: Send + Sync + 'static {
    /// The captured state. If it has been entered, its last owner drops it inside that scope.
    type Saved: Send + Sync + 'static;
    /// A guard whose drop leaves the state, on the thread that entered it and in stack order.
    type Entered: 'static;

    /// Captures the state to enter where a child runs; `None` if there is none.
    fn capture(&self) -> Option<Self::Saved>;

    /// Makes `saved` current on this thread until the returned guard is dropped. Called at each poll.
    fn enter(&self, saved: &Self::Saved) -> Self::Entered;
}

/// Propagates `ambient` from now on, in the whole process. Call it at start-up, once for each type of state; it cannot
/// be undone.
///
/// States are entered in the order in which they were registered, and left in reverse order.
pub fn register(ambient: impl Ambient) {
    let mut node = Box::new(Node {
        accessor: Box::new(ambient),
        next: OnceLock::new(),
    });
    let mut place = &FIRST;
    while let Err(refused) = place.set(node) {
        node = refused;
        if let Some(taken) = place.get() {
            place = &taken.next;
        }
    }
}

/// A list that only grows, so that it can be read without a lock.
static FIRST: OnceLock<Box<Node>> = OnceLock::new();

struct Node {
    accessor: Box<dyn Accessor>,
    next: OnceLock<Box<Node>>,
}

/// The state that each accessor has captured.
pub(crate) type SavedAmbient = Arc<[Saved]>;

pub(crate) struct Saved {
    accessor: &'static dyn Accessor,
    state: DropIsolated<Box<dyn Any + Send + Sync>>,
    // Declared after `state`, so that it is dropped after it.
    level: nested_drop::Level,
}

/// The state may hold a context, whose ambient state holds a context, and so on.
impl Drop for Saved {
    fn drop(&mut self) {
        if self.level.enter_is_too_deep() {
            nested_drop::postpone(DropIsolated(self.state.0.take()));
        }
    }
}

/// An [`Ambient`] with its types erased.
trait Accessor: Send + Sync {
    fn capture(&self) -> Option<Box<dyn Any + Send + Sync>>;
    fn enter(&self, saved: &(dyn Any + Send + Sync)) -> Option<Box<dyn Any>>;
    /// Runs `f` with the state entered, without an allocation.
    fn run(&self, saved: &(dyn Any + Send + Sync), f: &mut dyn FnMut());
}

impl<A: Ambient> Accessor for A {
    fn capture(&self) -> Option<Box<dyn Any + Send + Sync>> {
        let saved = isolated(|| Ambient::capture(self))??;
        Some(Box::new(saved))
    }

    fn enter(&self, saved: &(dyn Any + Send + Sync)) -> Option<Box<dyn Any>> {
        let saved = saved.downcast_ref()?;
        let entered = isolated(|| Ambient::enter(self, saved))?;
        Some(Box::new(entered))
    }

    fn run(&self, saved: &(dyn Any + Send + Sync), f: &mut dyn FnMut()) {
        let saved = saved.downcast_ref();
        let entered = saved.and_then(|saved| isolated(|| Ambient::enter(self, saved)));
        let _leaves = entered.map(DropIsolated::new);
        f();
    }
}

#[inline]
pub(crate) fn is_registered() -> bool {
    FIRST.get().is_some()
}

/// Captures the state of each accessor; `None` if none of them has any.
pub(crate) fn capture() -> Option<SavedAmbient> {
    let mut saved = Vec::new();
    let mut next = FIRST.get();
    while let Some(node) = next {
        let accessor = &*node.accessor;
        if let Some(state) = accessor.capture() {
            saved.push(Saved {
                accessor,
                state: DropIsolated::new(state),
                level: nested_drop::Level::new(),
            });
        }
        next = node.next.get();
    }
    (!saved.is_empty()).then(|| saved.into())
}

/// Runs `f` with all of `saved` entered.
pub(crate) fn run<R>(saved: &[Saved], f: impl FnOnce() -> R) -> R {
    let mut f = Some(f);
    let mut result = None;
    run_each(saved, &mut || result = f.take().map(|f| f()));
    match result {
        Some(result) => result,
        None => unreachable!("each accessor runs what it is given"),
    }
}

fn run_each(saved: &[Saved], f: &mut dyn FnMut()) {
    match saved.split_first() {
        None => f(),
        Some((first, rest)) => match &first.state.0 {
            Some(state) => first
                .accessor
                .run(&**state, &mut || run_each(rest, &mut *f)),
            None => run_each(rest, f),
        },
    }
}

/// Enters all of `saved` until the result is dropped. The result is never exposed to users.
pub(crate) fn enter(saved: &[Saved]) -> Entered {
    let enter = |saved: &Saved| saved.accessor.enter(&**saved.state.0.as_ref()?);
    let entered = saved.iter().filter_map(enter).map(DropIsolated::new);
    Entered(entered.collect())
}

/// Leaves in reverse order when dropped.
#[derive(Default)]
pub(crate) struct Entered(Vec<DropIsolated<Box<dyn Any>>>);

impl Drop for Entered {
    fn drop(&mut self) {
        while let Some(last) = self.0.pop() {
            drop(last);
        }
    }
}

thread_local! {
    /// Whether an accessor is running on this thread.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// Runs an accessor, and contains its panics. Does nothing within another accessor, which could recurse without end.
fn isolated<R>(f: impl FnOnce() -> R) -> Option<R> {
    if BUSY.replace(true) {
        return None;
    }
    let result = caught(f);
    BUSY.set(false);
    result
}

fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    // Nothing that `f` has changed is used after a panic.
    let result = catch_unwind(AssertUnwindSafe(f));
    // The payload is a user's value, whose destructor may panic as well.
    result.map_err(std::mem::forget).ok()
}

/// A value of an accessor. Its destructor runs isolated, also when unwinding.
struct DropIsolated<T>(Option<T>);

impl<T> DropIsolated<T> {
    fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> Drop for DropIsolated<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        let was_busy = BUSY.replace(true);
        caught(|| drop(value));
        BUSY.set(was_busy);
    }
}
