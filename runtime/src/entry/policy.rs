//! `Entry`: which variables are extracted from a carrier, and how.

use std::fmt;
use std::sync::Arc;

use super::echoes;
use super::field::Field;
use super::inbound::Inbound;
use super::request_head::RequestHead;
use crate::context::request_tag::Handled;
use crate::propagation::carrier::Carrier;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::var::{ContextVar, Variable};

type TrustIf = dyn Fn(&RequestHead<'_>) -> bool + Send + Sync;

/// Generates the id for a single call, instead of the entry's generator.
pub(crate) type MakeId<'a> = &'a mut dyn FnMut() -> RequestId;

/// The maximum number of bytes that are extracted from one carrier, for all variables together. Parsed values and the
/// properties of baggage members count. `traceparent` and `tracestate` have separate limits (256 and 512 bytes).
pub const MAX_BYTES: usize = 8192;

/// The policy for extracting a context: which variables are extracted from a carrier, and how.
///
/// The HTTP layer, `#[context_entry]` and loops that receive messages or jobs use the same policy.
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[must_use = "an entry does nothing until it opens a context"]
pub struct Entry {
    pub(super) fields: Vec<Arc<Field>>,
    pub(super) trace: bool,
    pub(super) trace_id: bool,
    pub(super) trust: bool,
    trust_if: Option<Arc<TrustIf>>,
    /// The variables of the current scope that the scope of a message keeps.
    pub(super) keeping: Vec<&'static dyn Variable>,
    /// Whether missing values are generated.
    pub(super) make: bool,
    /// The response headers that the entry sets.
    pub(super) echoes: Handled,
}

impl Default for Entry {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    /// Creates an entry that extracts [`REQUEST_ID`], and `traceparent` and `tracestate` for forwarding.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{REQUEST_ID, entry::Entry};
    ///
    /// let context = Entry::new().open(&HashMap::from([("x-request-id".to_owned(), "r-17".to_owned())]))?;
    /// assert_eq!(context.get(&REQUEST_ID).unwrap().as_str(), "r-17");
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn new() -> Self {
        Self::empty().extract(&REQUEST_ID).trace_context(true)
    }

    /// Creates an entry that extracts nothing.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::Entry;
    ///
    /// assert!(Entry::empty().open(&HashMap::<String, String>::new())?.is_empty());
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn empty() -> Self {
        Self {
            fields: Vec::new(),
            trace: false,
            trace_id: false,
            trust: true,
            trust_if: None,
            keeping: Vec::new(),
            make: true,
            echoes: Handled::default(),
        }
    }

    /// Extracts another variable, or replaces how a variable is extracted.
    ///
    /// ```
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::{ContextVar, REQUEST_ID};
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let entry = Entry::new()
    ///     .extract(&TENANT)
    ///     .extract(Inbound::from(&REQUEST_ID).header("x-correlation-id"));
    /// # drop(entry);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is nothing to look for: neither the declaration of the variable nor `inbound` names a header or
    /// a baggage key.
    #[track_caller]
    pub fn extract<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
    where
        T: fmt::Display + std::str::FromStr + Send + Sync + 'static,
        T::Err: 'static,
    {
        let mut field = inbound.into().into_field();
        assert!(
            field.has_key(),
            "`{0}` has neither a header nor a baggage key: declare it with `.header(..)` or `.baggage(..)`, or extract \
             it with `Inbound::new(&VAR).header(..)`",
            field.variable.name()
        );
        field.keys_number = super::known_keys::note(&field);
        let field = Arc::new(field);
        let index = field.index;
        match self.fields.iter_mut().find(|other| other.index == index) {
            Some(place) => *place = field,
            None => self.fields.push(field),
        }
        self.echoes = echoes::of(self.fields());
        self
    }

    /// Stops extracting `variable`.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{REQUEST_ID, entry::Entry};
    ///
    /// let entry = Entry::new().without(&REQUEST_ID); // only the trace
    /// assert!(entry.open(&HashMap::<String, String>::new())?.get(&REQUEST_ID).is_none());
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn without<T: Send + Sync + 'static>(mut self, variable: &'static ContextVar<T>) -> Self {
        self.fields.retain(|field| field.index != variable.index());
        self.echoes = echoes::of(self.fields());
        self
    }

    /// Sets whether `traceparent` and `tracestate` are forwarded. Enabled by [`new`](Self::new).
    ///
    /// ```
    /// use propagate_context::entry::Entry;
    ///
    /// let entry = Entry::new().trace_context(false); // if a tracer already forwards them
    /// # drop(entry);
    /// ```
    pub fn trace_context(mut self, carry: bool) -> Self {
        self.trace = carry;
        self
    }

    /// Sets whether log lines have the trace id of the caller's `traceparent` as the field `trace_id`: see
    /// [`TRACE_ID`](crate::traceparent::TRACE_ID). Disabled by default, since a tracer adds its own.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::Entry;
    /// use propagate_context::traceparent::TRACE_ID;
    ///
    /// let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// let message = HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
    /// Entry::new().logged_trace_id(true).open(&message)?.sync_scope(|| {
    ///     assert_eq!(TRACE_ID.get().unwrap().as_str(), "0af7651916cd43dd8448eb211c80319c");
    /// });
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn logged_trace_id(mut self, logged: bool) -> Self {
        self.trace_id = logged;
        self
    }

    /// Keeps `variables` of the scope in which a message or a job is received. These are variables of the receiver,
    /// such as the name of an actor. All other variables of this scope are hidden while the message is handled.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::ContextVar;
    /// use propagate_context::entry::Entry;
    ///
    /// static WORKER: ContextVar<&str> = ContextVar::new("worker").logged();
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let jobs = Entry::new().extract(&TENANT).keeping(&[&WORKER]);
    /// let job = HashMap::from([("x-tenant".to_owned(), "acme".to_owned())]);
    /// let context = WORKER.sync_scope("mailer", || jobs.open(&job))?;
    /// assert_eq!(context.get(&WORKER), Some("mailer"));
    /// assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn keeping(mut self, variables: &[&'static dyn Variable]) -> Self {
        self.keeping.extend_from_slice(variables);
        self
    }

    /// Sets whether the carrier is trusted, which is the default. An untrusted carrier is not read: ids are generated,
    /// and other variables have no value.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{REQUEST_ID, entry::Entry};
    ///
    /// let edge = Entry::new().trust(false);
    /// let context = edge.open(&HashMap::from([("x-request-id".to_owned(), "r-17".to_owned())]))?;
    /// assert_ne!(context.get(&REQUEST_ID).unwrap().as_str(), "r-17");
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn trust(mut self, trust: bool) -> Self {
        self.trust = trust;
        self
    }

    /// Trusts only the requests, messages and jobs for which `trusted` returns `true`. The function can inspect the
    /// method, the path and the peer of a request, if they are known.
    ///
    /// ```
    /// use http::Request;
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::Entry;
    ///
    /// let entry = Entry::new().trust_if(|request| request.path().is_some_and(|path| path.starts_with("/internal/")));
    /// let id_of = |path: &str| {
    ///     let request = Request::get(path).header("x-request-id", "order-7").body(()).unwrap();
    ///     entry.open(&request).unwrap().get(&REQUEST_ID).unwrap().to_string()
    /// };
    /// assert_eq!(id_of("/internal/orders"), "order-7");
    /// assert_ne!(id_of("/orders"), "order-7");
    /// ```
    pub fn trust_if(
        mut self,
        trusted: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.trust_if = Some(Arc::new(trusted));
        self
    }

    /// Whether every carrier is trusted.
    #[inline]
    pub(super) fn trusts_all(&self) -> bool {
        self.trust && self.trust_if.is_none()
    }

    /// Whether `carrier` is trusted.
    #[inline]
    pub(super) fn trusts(&self, carrier: &dyn Carrier) -> bool {
        self.trust
            && match &self.trust_if {
                None => true,
                Some(trusted) => trusted(&RequestHead::of(carrier)),
            }
    }

    /// Disables the generation of values.
    pub(crate) fn reading_only(mut self) -> Self {
        self.make = false;
        self
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
