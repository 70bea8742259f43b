//! `Entry`: which variables a context begins with, and how each comes in.

use std::fmt;
use std::sync::Arc;

use super::{Field, Inbound, MissingValue};
use crate::context::snapshot::Context;
use crate::propagation::carrier::Carrier;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::var::{ContextVar, Variable};

/// What makes an id of this one call's arguments, in place of the entry's maker.
pub(crate) type MakeId<'a> = &'a mut dyn FnMut() -> RequestId;

/// The most bytes that one carrier brings into a context, whatever the number of variables: of values as they are parsed,
/// and of what `baggage` notes on its members. `traceparent` and `tracestate` have bounds of their own (256 and 512 bytes).
pub const MAX_BYTES: usize = 8192;

/// How a context begins: which variables are taken from a carrier, and how.
///
/// The layer for HTTP, `#[context_entry]` and a loop that takes jobs from a queue all use this one policy.
///
/// # Example
///
/// ```
/// use std::collections::HashMap;
/// use propagate_context::entry::Entry;
/// use propagate_context::{ContextVar, REQUEST_ID};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");
///
/// let entry = Entry::new().extract(&TENANT);
/// let message = HashMap::from([
///     ("x-request-id".to_owned(), "order-7".to_owned()),
///     ("X-Tenant".to_owned(), "acme".to_owned()),
/// ]);
/// let context = entry.open(&message)?;
/// assert_eq!(context.get(&REQUEST_ID).unwrap().as_ref(), "order-7");
/// context.sync_scope(|| assert_eq!(TENANT.get().as_deref(), Some("acme")));
/// # Ok::<(), propagate_context::entry::MissingValue>(())
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until a context is opened with it"]
pub struct Entry {
    pub(super) fields: Vec<Arc<Field>>,
    pub(super) trace: bool,
    pub(super) trust: bool,
    /// Whether values are made for what did not come.
    pub(super) make: bool,
}

impl Default for Entry {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    /// Takes [`REQUEST_ID`], and `traceparent` with `tracestate` to carry them through.
    pub fn new() -> Self {
        Self::empty().extract(&REQUEST_ID).trace_context(true)
    }

    /// Takes nothing.
    pub fn empty() -> Self {
        Self {
            fields: Vec::new(),
            trace: false,
            trust: true,
            make: true,
        }
    }

    /// Takes one variable more, or in another way than before: `.extract(&TENANT)`, `.extract(Inbound::from(&TENANT)..)`.
    ///
    /// # Panics
    ///
    /// If nothing can bring the variable: it is declared with neither a header nor a baggage key, and none is given
    /// here.
    #[track_caller]
    pub fn extract<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
    where
        T: fmt::Display + std::str::FromStr + Send + Sync + 'static,
        T::Err: 'static,
    {
        let field = inbound.into().into_field();
        assert!(
            field.has_key(),
            "`{0}` has neither a header nor a baggage key to come in by: declare it with `.header(..)` or \
             `.baggage(..)`, or take it with `Inbound::new(&VAR).header(..)`",
            field.variable.name()
        );
        let index = field.variable.index();
        match self
            .fields
            .iter_mut()
            .find(|other| other.variable.index() == index)
        {
            Some(place) => *place = field,
            None => self.fields.push(field),
        }
        self
    }

    /// Takes one variable less.
    pub fn without<T: Send + Sync + 'static>(mut self, variable: &'static ContextVar<T>) -> Self {
        self.fields
            .retain(|field| field.variable.index() != variable.index());
        self
    }

    /// Whether `traceparent` and `tracestate` are carried through.
    pub fn trace_context(mut self, carry: bool) -> Self {
        self.trace = carry;
        self
    }

    /// Whether what comes in is read at all. Where it is not, ids are made and everything else stays without a value.
    pub fn trust(mut self, trust: bool) -> Self {
        self.trust = trust;
        self
    }

    /// Makes nothing: what did not come is not there.
    pub(crate) fn reading_only(mut self) -> Self {
        self.make = false;
        self
    }

    /// The context that `carrier` brings.
    ///
    /// # Errors
    ///
    /// [`MissingValue`], if it has no valid value for a [`required`](Inbound::required) variable.
    pub fn open(&self, carrier: &(impl Carrier + ?Sized)) -> Result<Context, MissingValue> {
        let mut arrival = self.open_message(&carrier, None);
        match arrival.missing.take() {
            Some(missing) => Err(missing),
            None => Ok(arrival.into_context()),
        }
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().map(|field| &**field)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("fields", &self.fields)
            .field("trace_context", &self.trace)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}
