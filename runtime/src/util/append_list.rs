//! `AppendList`: a process-wide list that only grows, and is read without a lock.

use std::sync::OnceLock;

/// Holds items that are registered a few times, mostly at start-up, and read on hot paths.
pub(crate) struct AppendList<T: 'static>(OnceLock<&'static Node<T>>);

struct Node<T: 'static> {
    item: T,
    next: AppendList<T>,
}

impl<T: Send + Sync + 'static> AppendList<T> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Appends `item`. It is never freed.
    pub(crate) fn push(&'static self, item: T) {
        let node = &*Box::leak(Box::new(Node {
            item,
            next: Self::new(),
        }));
        let mut end = self;
        // Another thread may have appended in the meantime: continue after its item.
        while end.0.set(node).is_err() {
            while let Some(taken) = end.0.get() {
                end = &taken.next;
            }
        }
    }

    pub(crate) fn iter(&'static self) -> impl Iterator<Item = &'static T> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let node = rest.0.get()?;
            rest = &node.next;
            Some(&node.item)
        })
    }
}
