//! `Carrier`: string keys and values that cross a process boundary.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::hash::BuildHasher;

pub use super::request::{Head, Http};

/// A source of values that have crossed a process boundary: HTTP headers, gRPC metadata, message headers, a map.
///
/// Keys are compared ignoring ASCII case, as in HTTP, gRPC and most brokers, because the two ends of a queue are often
/// written by different teams. Every value of a key is visited, so that duplicates can be detected.
///
/// # Example
///
/// A broker's headers become a carrier in a few lines:
///
/// ```
/// use propagate_context::Carrier;
///
/// struct Headers(Vec<(String, Vec<u8>)>);
///
/// impl Carrier for Headers {
///     fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
///         for (name, value) in &self.0 {
///             if name.eq_ignore_ascii_case(key) {
///                 each(value);
///             }
///         }
///     }
/// }
///
/// let headers = Headers(vec![("X-Tenant".to_owned(), b"acme".to_vec())]);
/// let mut seen = Vec::new();
/// headers.visit("x-tenant", &mut |value| seen.push(value.to_vec()));
/// assert_eq!(seen, [b"acme"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a carrier of a context",
    label = "has no string keys and values that `propagate_context` knows",
    note = "carriers are `http::HeaderMap` (feature `http`), `HashMap<String, String>`, `BTreeMap<String, String>`, `Vec<(String, String)>`, and types that implement `propagate_context::Carrier`"
)]
pub trait Carrier {
    /// Calls `each` with every value of `key`, as raw bytes: values from outside may not be valid text.
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8]));

    /// Additional data of an HTTP carrier.
    #[doc(hidden)]
    fn http(&self) -> Option<Http<'_>> {
        None
    }

    /// Additional data of the request that the carrier belongs to. It is only read for entries that use it.
    #[doc(hidden)]
    fn head(&self) -> Head<'_> {
        Head::default()
    }
}

/// A carrier that can be written to, for example by [`inject`](crate::inject).
///
/// # Example
///
/// ```
/// use propagate_context::{Carrier, CarrierMut, ContextVar, InsertError, inject};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
///
/// #[derive(Default)]
/// struct Headers(Vec<(String, Vec<u8>)>);
///
/// impl Carrier for Headers {
///     fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
///         for (name, value) in &self.0 {
///             if name.eq_ignore_ascii_case(key) {
///                 each(value);
///             }
///         }
///     }
/// }
///
/// impl CarrierMut for Headers {
///     fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
///         if key.len() > 64 {
///             return Err(InsertError::new("the key has more than 64 bytes"));
///         }
///         self.0.retain(|(name, _)| !name.eq_ignore_ascii_case(key));
///         self.0.push((key.to_owned(), value.into()));
///         Ok(())
///     }
/// }
///
/// let mut headers = Headers::default();
/// TENANT.sync_scope("acme".to_owned(), || inject(&mut headers));
/// assert_eq!(headers.0, [("x-tenant".to_owned(), b"acme".to_vec())]);
/// ```
pub trait CarrierMut: Carrier {
    /// Sets `key` to `value`, replacing any existing values.
    ///
    /// # Errors
    ///
    /// Returns an [`InsertError`] if the carrier cannot hold such a key or value.
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError>;
}

/// The reason why a carrier cannot hold an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsertError {
    reason: Cow<'static, str>,
}

impl InsertError {
    /// Creates an error with a reason. The reason must not repeat the value, since it is logged.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

impl fmt::Display for InsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for InsertError {}

impl<C: Carrier + ?Sized> Carrier for &C {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        (**self).visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        (**self).http()
    }

    fn head(&self) -> Head<'_> {
        (**self).head()
    }
}

impl<C: Carrier + ?Sized> Carrier for &mut C {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        (**self).visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        (**self).http()
    }

    fn head(&self) -> Head<'_> {
        (**self).head()
    }
}

impl<C: CarrierMut + ?Sized> CarrierMut for &mut C {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
        (**self).insert(key, value)
    }
}

/// Message types often have optional headers: `None` is an empty carrier.
impl<C: Carrier> Carrier for Option<C> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        if let Some(carrier) = self {
            carrier.visit(key, each);
        }
    }

    fn http(&self) -> Option<Http<'_>> {
        self.as_ref()?.http()
    }

    fn head(&self) -> Head<'_> {
        self.as_ref().map_or_else(Head::default, Carrier::head)
    }
}

impl<S: BuildHasher> Carrier for HashMap<String, String, S> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        visit_pairs(self.iter(), key, each);
    }
}

impl<S: BuildHasher> CarrierMut for HashMap<String, String, S> {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
        self.retain(|name, _| !name.eq_ignore_ascii_case(key));
        HashMap::insert(self, key.to_owned(), value.to_owned());
        Ok(())
    }
}

impl Carrier for BTreeMap<String, String> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        visit_pairs(self.iter(), key, each);
    }
}

impl CarrierMut for BTreeMap<String, String> {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
        self.retain(|name, _| !name.eq_ignore_ascii_case(key));
        BTreeMap::insert(self, key.to_owned(), value.to_owned());
        Ok(())
    }
}

impl Carrier for Vec<(String, String)> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        visit_pairs(self.iter().map(|(name, value)| (name, value)), key, each);
    }
}

impl CarrierMut for Vec<(String, String)> {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
        self.retain(|(name, _)| !name.eq_ignore_ascii_case(key));
        self.push((key.to_owned(), value.to_owned()));
        Ok(())
    }
}

fn visit_pairs<'c>(
    pairs: impl Iterator<Item = (&'c String, &'c String)>,
    key: &str,
    each: &mut dyn FnMut(&[u8]),
) {
    for (name, value) in pairs {
        if name.eq_ignore_ascii_case(key) {
            each(value.as_bytes());
        }
    }
}
