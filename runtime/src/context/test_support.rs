//! The parts of the engine that the feature `testing` needs.

use std::any::Any;
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::context::current;
#[cfg(feature = "request-id")]
use crate::context::frame::Frame;
use crate::var::ContextVar;

/// The destination for the log lines of a scope, if it belongs to a test. It is inherited like any value, and also by
/// the scopes of entries, which inherit nothing else.
pub(crate) static CAPTURE: ContextVar<Capture> = ContextVar::new("capture");

pub(crate) type Capture = Arc<dyn Any + Send + Sync>;

/// Adds the value that an entry's scope inherits from the current scope.
#[cfg(feature = "request-id")]
pub(crate) fn inherit_capture(frame: &mut Frame) {
    let index = CAPTURE.index_to_look_up();
    let inherited = current::inspect(|scope| scope?.table.get(index).cloned());
    if let Some(value) = inherited {
        frame.add(index, value);
    }
}

static IS_STRICT: AtomicBool = AtomicBool::new(false);

pub(crate) fn be_strict() {
    IS_STRICT.store(true, Ordering::Relaxed);
}

thread_local! {
    /// The number of strict tests that are running on this thread.
    static STRICT_HERE: Cell<usize> = const { Cell::new(0) };
}

/// A strict test that is running on this thread, until this is dropped.
#[derive(Debug)]
pub(crate) struct StrictHere(PhantomData<*const ()>);

impl StrictHere {
    pub(crate) fn start() -> Self {
        STRICT_HERE.set(STRICT_HERE.get() + 1);
        Self(PhantomData)
    }
}

impl Drop for StrictHere {
    fn drop(&mut self) {
        STRICT_HERE.set(STRICT_HERE.get() - 1);
    }
}

/// Panics if a strict test is running and the read is outside of every scope.
#[track_caller]
pub(crate) fn note_read(variable: &'static str) {
    if (IS_STRICT.load(Ordering::Relaxed) || STRICT_HERE.get() > 0)
        && !std::thread::panicking()
        && current::inspect(|scope| scope.is_none())
    {
        panic!(
            "`{variable}` was read outside every scope: annotate what spawned this with `#[propagate_context]`, or give \
             the variable a value with `scope`"
        );
    }
}
