//! What our wrappers add to a future, and to a task that lives.

use std::collections::BTreeMap;
use std::future::Future;

use crate::ours;

/// Bytes more than without, by name.
#[must_use]
pub fn of_ours() -> BTreeMap<String, f64> {
    let (wrapped, annotated) =
        ours::context(3).sync_scope(|| (more!(ours::brought), more!(ours::annotated)));
    [
        ("future, wrapped", wrapped.future),
        ("future, annotated", annotated.future),
        ("live task, wrapped", wrapped.task),
        ("live task, annotated", annotated.task),
    ]
    .into_iter()
    .map(|(name, bytes)| (format!("{name}, more bytes"), bytes))
    .collect()
}

/// Bytes more than without, of everybody who wraps a future.
#[cfg(feature = "peers")]
#[must_use]
pub fn of_all() -> Vec<(&'static str, More)> {
    let mut all = ours::context(3).sync_scope(|| {
        vec![
            ("ours", more!(ours::brought)),
            ("ours, annotated", more!(ours::annotated)),
        ]
    });
    all.extend(crate::peers::sizes());
    all
}

/// What a wrapper takes.
#[derive(Clone, Copy)]
pub struct More {
    /// The bytes by which a future grows.
    pub future: f64,
    /// The bytes of a pending task on top of the same one without: on the heap, all told.
    pub task: f64,
}

/// What a function that wraps a future adds to one, and to a task.
macro_rules! more {
    ($wrap:expr) => {
        $crate::sizes::More {
            future: $crate::sizes::size(&$wrap($crate::Ticks::default()))
                - $crate::sizes::size(&$crate::Ticks::default()),
            task: $crate::more_per_task!($wrap),
        }
    };
}
pub(crate) use more;

#[expect(clippy::cast_precision_loss, reason = "far below 2 to the power of 52")]
pub(crate) fn size<F: Future>(future: &F) -> f64 {
    size_of_val(future) as f64
}
