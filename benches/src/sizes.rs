//! The bytes that our wrappers add to a future and to a pending task.

use std::collections::BTreeMap;

use http::Request;

#[cfg(feature = "peers")]
use crate::memory::More;
use crate::memory::{more, size};
use crate::{Ticks, ours, request};

/// The bytes that each wrapper adds, by name.
#[must_use]
pub fn of_ours() -> BTreeMap<String, f64> {
    let (wrapped, annotated) =
        ours::context(3).sync_scope(|| (more!(ours::brought), more!(ours::annotated)));
    let request = || Request::new(());
    [
        ("future, wrapped", wrapped.future),
        ("future, annotated", annotated.future),
        (
            "future, `VAR.scope`",
            size(&ours::with_value(Ticks::default())) - size(&Ticks::default()),
        ),
        (
            "future, entry",
            size(&request::entry(request())) - size(&request::plain(request())),
        ),
        (
            "future, entry that calls an entry",
            size(&request::entry_nested(request())) - size(&request::plain_nested(request())),
        ),
        ("live task, wrapped", wrapped.task),
        ("live task, annotated", annotated.task),
    ]
    .into_iter()
    .map(|(name, bytes)| (format!("{name}, more bytes"), bytes))
    .collect()
}

/// The bytes that each library adds that wraps a future.
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
