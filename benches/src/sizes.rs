//! What our wrappers add to a future, and to a task that lives.

use std::collections::BTreeMap;
use std::future::Future;

use crate::{Ticks, more_per_task, ours};

/// Bytes more than without, by name.
#[must_use]
pub fn of_ours() -> BTreeMap<String, f64> {
    let plain = size(&Ticks::default());
    let (wrapped_task, annotated_task) = ours::context(3).sync_scope(|| {
        (
            more_per_task!(ours::brought),
            more_per_task!(ours::annotated),
        )
    });
    [
        (
            "future, wrapped",
            size(&ours::brought(Ticks::default())) - plain,
        ),
        (
            "future, annotated",
            size(&ours::annotated(Ticks::default())) - plain,
        ),
        ("live task, wrapped", wrapped_task),
        ("live task, annotated", annotated_task),
    ]
    .into_iter()
    .map(|(name, bytes)| (format!("{name}, more bytes"), bytes))
    .collect()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2 to the power of 52")]
fn size<F: Future>(future: &F) -> f64 {
    size_of_val(future) as f64
}
