//! `PerRequest`: a key that belongs to one request, for loaders that batch the keys of many requests.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::context::snapshot::Context;
use crate::messaging::batch::Batch;
use crate::messaging::carried::Carried;

/// A key with the context of the request that asked for it, for a `DataLoader` or another queue of keys that requests
/// share.
///
/// Two values are equal if both their keys and their requests are equal. A loader removes equal keys from a batch, but
/// never the key of another request: the batch has the ids of all requests, and a value that was loaded for one tenant
/// is not returned to another. A request is the scope that an entry opened, including its children. Outside of any
/// request, the snapshot itself is compared.
///
/// # Example
///
/// How a loader of async-graphql uses its keys:
///
/// ```
/// use std::collections::HashMap;
/// use propagate_context::entry::Entry;
/// use propagate_context::{LINKED_REQUEST_IDS, PerRequest};
///
/// fn load(keys: &[PerRequest<u32>]) -> HashMap<PerRequest<u32>, String> {
///     let found = PerRequest::batch(keys).run(|numbers| {
///         // A single query, whose log lines have the ids of all requests.
///         assert_eq!(LINKED_REQUEST_IDS.get().unwrap().to_string(), "a,b");
///         numbers.into_iter().map(|number| format!("order {number}"))
///     });
///     keys.iter().cloned().zip(found).collect()
/// }
///
/// let ask = |id: &str, number| {
///     let headers = HashMap::from([("x-request-id".to_owned(), id.to_owned())]);
///     Entry::new().open(&headers).unwrap().sync_scope(|| PerRequest::new(number))
/// };
/// let keys = [ask("a", 7), ask("b", 7)];
/// assert_ne!(keys[0], keys[1]);
/// assert_eq!(load(&keys)[&keys[1]], "order 7");
/// ```
#[derive(Clone)]
pub struct PerRequest<K> {
    key: K,
    context: Arc<dyn Snapshot>,
}

/// A context behind a trait object, which hides its type from clippy. Otherwise clippy would report `mutable_key_type`
/// for each map with such a key, since a snapshot lazily computes the part that its children inherit.
trait Snapshot: Send + Sync {
    fn context(&self) -> &Context;
}

impl Snapshot for Context {
    fn context(&self) -> &Context {
        self
    }
}

#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Request(NonZeroUsize),
    /// The address of the values, which the key keeps alive.
    Snapshot(usize),
    Nothing,
}

impl<K> PerRequest<K> {
    /// Creates a `key` that belongs to the current request.
    pub fn new(key: K) -> Self {
        Self {
            key,
            context: Arc::new(Context::of_values()),
        }
    }

    /// Returns the key.
    pub const fn key(&self) -> &K {
        &self.key
    }

    /// Returns the context of the request.
    #[must_use]
    pub fn context(&self) -> &Context {
        self.context.context()
    }

    /// Converts the key to a message of the request.
    pub fn into_carried(self) -> Carried<K> {
        Carried::with_context(self.key, self.context.context().clone())
    }

    /// Collects all keys into one batch, which has the ids of their requests as `linked_request_ids`.
    pub fn batch(keys: &[Self]) -> Batch<K>
    where
        K: Clone,
    {
        keys.iter().cloned().map(Self::into_carried).collect()
    }

    fn identity(&self) -> Identity {
        match self.context().frame() {
            None => Identity::Nothing,
            Some(frame) => match frame.tag() {
                Some(tag) => Identity::Request(tag.number()),
                None => Identity::Snapshot(std::ptr::from_ref(&**frame).addr()),
            },
        }
    }
}

impl<K: PartialEq> PartialEq for PerRequest<K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.identity() == other.identity()
    }
}

impl<K: Eq> Eq for PerRequest<K> {}

impl<K: Hash> Hash for PerRequest<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
        self.identity().hash(state);
    }
}

impl<K: fmt::Debug> fmt::Debug for PerRequest<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerRequest")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
