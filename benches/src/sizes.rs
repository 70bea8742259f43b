//! What our wrappers add to a future, and to a task that lives.

use std::collections::BTreeMap;

#[cfg(feature = "peers")]
use crate::memory::More;
use crate::memory::more;
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
