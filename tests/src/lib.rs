//! Helpers of the tests: polling manually, a value that reports where it was dropped, and the output of a subscriber.

mod output;
mod subscriber;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures::Stream;

pub use output::{Output, members};
pub use subscriber::{dispatch, set_default, with_default};

/// The examples in the documentation of the attributes, which their own package cannot run.
#[cfg(doctest)]
#[doc = include_str!("../../macros/src/attribute.md")]
pub struct AttributeExamples;

/// The same for entries.
#[cfg(doctest)]
#[doc = include_str!("../../macros/src/entry.md")]
pub struct EntryExamples;

/// The examples of README.md and of the guide, which need the frameworks that this package depends on.
#[cfg(doctest)]
mod documents {
    macro_rules! documents {
        ($($name:ident: $file:literal;)*) => {$(
            #[doc = include_str!($file)]
            pub struct $name;
        )*};
    }

    documents! {
        Readme: "../../README.md";
        FrontPage: "../../runtime/src/lib.md";
        Concepts: "../../runtime/src/guide/concepts.md";
        Frameworks: "../../runtime/src/guide/frameworks.md";
        Logs: "../../runtime/src/guide/logs.md";
        Spawning: "../../runtime/src/guide/spawning.md";
        Messages: "../../runtime/src/guide/messages.md";
        Recipes: "../../runtime/src/guide/recipes.md";
        Outbound: "../../runtime/src/guide/outbound.md";
        Testing: "../../runtime/src/guide/testing.md";
        ExistingIds: "../../runtime/src/guide/existing_ids.md";
        Adopting: "../../runtime/src/guide/adopting.md";
        Python: "../../runtime/src/guide/python.md";
        ComingFrom: "../../runtime/src/guide/coming_from.md";
        Limits: "../../runtime/src/guide/limits.md";
        Performance: "../../runtime/src/guide/performance.md";
        Versions: "../../runtime/src/guide/versions.md";
        Troubleshooting: "../../runtime/src/guide/troubleshooting.md";
    }
}

/// Polls `future` once, with a waker that does nothing.
pub fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls `stream` for its next item once, with a waker that does nothing.
pub fn poll_next_once<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    pin!(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

/// The values of all reads, in the order of the reads.
#[derive(Clone, Debug)]
pub struct Seen<T>(Arc<Mutex<Vec<T>>>);

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Seen<T> {
    /// Adds a value.
    ///
    /// # Panics
    ///
    /// Panics if another thread has panicked during a call.
    pub fn note(&self, seen: T) {
        self.0.lock().unwrap().push(seen);
    }

    /// Removes and returns all values.
    ///
    /// # Panics
    ///
    /// Panics if another thread has panicked during a call.
    #[must_use]
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Calls its closure when it is dropped.
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl<F: FnMut()> std::fmt::Debug for OnDrop<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnDrop")
    }
}
