//! `Propagator`: injects a context into a message, and extracts it at the receiving end.

use std::fmt::Display;
use std::str::FromStr;

use crate::context::snapshot::Context;
use crate::entry::{Entry, Inbound};
use crate::messaging::context_map::ContextMap;
use crate::propagation::carrier::{Carrier, CarrierMut};
use crate::var::ContextVar;

/// Injects a context into messages and jobs, and extracts it from them.
///
/// The declarations of the variables decide which values are injected; the list given here decides which are extracted.
/// No values are generated: a message without an id results in a context without an id. (If each message needs one, use
/// an [`Entry`].) A value of the message that is too long or cannot be parsed is dropped with a `debug` line, and the
/// rest of the context is kept.
///
/// # Example
///
/// ```
/// use std::collections::BTreeMap;
/// use propagate_context::{ContextVar, Context, Propagator};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
/// static ATTEMPT: ContextVar<u32> = ContextVar::new("attempt").header("x-attempt");
///
/// let propagator = Propagator::new().with_variable(&TENANT).with_variable(&ATTEMPT);
/// let mut message = BTreeMap::new();
/// propagator.inject(&Context::empty().with(&TENANT, "acme".to_owned()), &mut message);
/// message.insert("x-attempt".to_owned(), "three".to_owned());
///
/// let context = propagator.extract(&message);
/// assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
/// assert_eq!(context.get(&ATTEMPT), None);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it extracts or injects"]
pub struct Propagator {
    entry: Entry,
}

impl Default for Propagator {
    fn default() -> Self {
        Self::new()
    }
}

impl Propagator {
    /// Creates a propagator that extracts [`REQUEST_ID`](crate::REQUEST_ID), `traceparent` and `tracestate`.
    pub fn new() -> Self {
        Self {
            entry: Entry::new().reading_only(),
        }
    }

    /// Extracts another variable, or changes how one is extracted.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{ContextVar, Propagator};
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let propagator = Propagator::new().with_variable(&TENANT);
    /// let context = propagator.extract(&HashMap::from([("x-tenant".to_owned(), "acme".to_owned())]));
    /// assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the variable is declared with neither a header nor a baggage key, and none is given here.
    #[track_caller]
    pub fn with_variable<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
    where
        T: Display + FromStr + Send + Sync + 'static,
        T::Err: 'static,
    {
        self.entry = self.entry.extract(inbound);
        self
    }

    /// Stops extracting `variable`.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{Propagator, REQUEST_ID};
    ///
    /// let message = HashMap::from([("x-request-id".to_owned(), "r-17".to_owned())]);
    /// assert!(Propagator::new().without(&REQUEST_ID).extract(&message).is_empty());
    /// ```
    pub fn without<T: Send + Sync + 'static>(mut self, variable: &'static ContextVar<T>) -> Self {
        self.entry = self.entry.without(variable);
        self
    }

    /// Extracts the context of `carrier` with all values that are valid.
    pub fn extract(&self, carrier: &(impl Carrier + ?Sized)) -> Context {
        self.entry.open_message(&carrier, None).into_context()
    }

    /// Writes the outbound variables of `context` into `carrier`; see [`Context::inject`].
    pub fn inject(&self, context: &Context, carrier: &mut impl CarrierMut) {
        context.inject(carrier);
    }

    /// Returns the outbound variables of `context` as a map, for payloads that have no headers.
    #[must_use]
    pub fn to_map(&self, context: &Context) -> ContextMap {
        let mut map = ContextMap::new();
        context.inject(&mut map);
        map
    }
}
