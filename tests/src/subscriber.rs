//! Subscribers for a single test while other tests run at the same time.

use std::sync::OnceLock;

use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::subscriber::NoSubscriber;

/// Returns a subscriber for one test.
///
/// If a process has only one subscriber, `tracing` asks the subscriber of the first thread that reaches an event
/// whether it is interested. That thread may belong to another test, which has no subscriber. Then the event is lost
/// for the test that waits for it. Therefore, two more subscribers exist until the process ends.
pub fn dispatch(subscriber: impl Into<Dispatch>) -> Dispatch {
    static OTHERS: OnceLock<[Dispatch; 2]> = OnceLock::new();
    OTHERS.get_or_init(|| [(); 2].map(|()| Dispatch::new(NoSubscriber::new())));
    subscriber.into()
}

/// Sets the default subscriber of this thread until the guard is dropped; see [`dispatch`].
#[must_use]
pub fn set_default(subscriber: impl Into<Dispatch>) -> DefaultGuard {
    dispatcher::set_default(&dispatch(subscriber))
}

/// Runs `f` with a default subscriber of this thread; see [`dispatch`].
pub fn with_default<R>(subscriber: impl Into<Dispatch>, f: impl FnOnce() -> R) -> R {
    let _guard = set_default(subscriber);
    f()
}
