//! `ContextMap`: the outbound part of a context as data.

use std::collections::{BTreeMap, btree_map};

use crate::context::snapshot::Context;
use crate::propagation::carrier::{Carrier, CarrierMut, InsertError};

/// The outbound part of a context as a map of strings, for the payload of a job.
///
/// With feature `serde` it is serialized and deserialized as a map of strings. Deserialization is limited: entries that
/// are not strings or exceed the limits are dropped, and the rest of the payload is still read.
///
/// # Example
///
/// ```
/// use propagate_context::{ContextMap, ContextVar, Propagator};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
///
/// struct Job {
///     context: ContextMap,
///     order: u64,
/// }
///
/// // When the job is enqueued:
/// let job = TENANT.sync_scope("acme".to_owned(), || Job { context: ContextMap::current(), order: 7 });
///
/// // When it is processed, usually in another process:
/// let context = Propagator::new().with_variable(&TENANT).extract(&job.context);
/// context.sync_scope(|| assert_eq!(TENANT.get().as_deref(), Some("acme")));
/// # assert_eq!(job.order, 7);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextMap {
    entries: BTreeMap<String, String>,
}

impl ContextMap {
    /// The maximum number of entries that are read from a payload.
    pub const MAX_ENTRIES: usize = 128;
    /// The maximum total size in bytes of keys and values that are read from a payload.
    pub const MAX_BYTES: usize = 16_384;

    /// Creates an empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
        }
    }

    /// Returns the outbound part of the current context.
    #[must_use]
    pub fn current() -> Self {
        let mut map = Self::new();
        Context::of_values().inject(&mut map);
        map
    }

    /// Whether the map has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the entries, for a payload or headers of another type.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{ContextMap, ContextVar};
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let map = TENANT.sync_scope("acme".to_owned(), ContextMap::current).into_map();
    /// let attributes: HashMap<String, String> = map.into_iter().collect();
    /// assert_eq!(attributes["x-tenant"], "acme");
    /// ```
    #[must_use]
    pub fn into_map(self) -> BTreeMap<String, String> {
        self.entries
    }

    /// Iterates over keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.into_iter()
    }
}

impl<'m> IntoIterator for &'m ContextMap {
    type Item = (&'m str, &'m str);
    type IntoIter = std::iter::Map<
        btree_map::Iter<'m, String, String>,
        fn((&'m String, &'m String)) -> (&'m str, &'m str),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter().map(|(key, value)| (key, value))
    }
}

impl Carrier for ContextMap {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.entries.visit(key, each);
    }
}

impl CarrierMut for ContextMap {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
        CarrierMut::insert(&mut self.entries, key, value)
    }
}

#[cfg(feature = "serde")]
mod wire {
    use std::fmt;

    use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
    use serde::ser::Serializer;
    use serde::{Deserialize, Serialize};

    use super::ContextMap;
    use crate::util::diagnostics;

    impl Serialize for ContextMap {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self)
        }
    }

    impl<'de> Deserialize<'de> for ContextMap {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let self_describing = deserializer.is_human_readable();
            if self_describing {
                deserializer.deserialize_any(Entries { self_describing })
            } else {
                deserializer.deserialize_map(Entries { self_describing })
            }
        }
    }

    struct Entries {
        self_describing: bool,
    }

    impl<'de> Visitor<'de> for Entries {
        type Value = ContextMap;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of strings")
        }

        /// Other languages may serialize a missing context as null.
        fn visit_unit<E>(self) -> Result<ContextMap, E> {
            Ok(ContextMap::new())
        }

        fn visit_none<E>(self) -> Result<ContextMap, E> {
            Ok(ContextMap::new())
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<ContextMap, M::Error> {
            let mut read = ContextMap::new();
            let mut bytes = 0;
            let mut dropped = 0_usize;
            while let Some(key) = map.next_key::<String>()? {
                let value = if self.self_describing {
                    map.next_value::<Loose>()?.text()
                } else {
                    Some(map.next_value::<String>()?)
                };
                let size = key.len() + value.as_ref().map_or(0, String::len);
                match value {
                    Some(value)
                        if read.entries.len() < ContextMap::MAX_ENTRIES
                            && bytes + size <= ContextMap::MAX_BYTES =>
                    {
                        bytes += size;
                        read.entries.insert(key, value);
                    }
                    _ => dropped += 1,
                }
            }
            if dropped > 0 {
                // Not in a `let`: before Rust 1.89 the arguments would not live long enough.
                diagnostics::dropped(
                    "context",
                    "payload",
                    &format_args!("{dropped} entries are not text or exceed the limits"),
                );
            }
            Ok(read)
        }
    }

    /// A string or any other value: one unexpected entry must not fail the entire job.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Text(Option<String>),
        Other(IgnoredAny),
    }

    impl Loose {
        fn text(self) -> Option<String> {
            match self {
                Self::Text(text) => text,
                Self::Other(IgnoredAny) => None,
            }
        }
    }
}
