//! Where a context begins: one policy for HTTP requests, messages and jobs.
//!
//! # What is taken from outside
//!
//! | what comes in | what happens |
//! | --- | --- |
//! | nothing | an id is made ([`Inbound::generate`]); other variables stay without a value |
//! | one valid value | it is taken as it is: an id is never edited |
//! | an empty, too long or unprintable value, forbidden characters, a key that occurs twice | as if nothing had come; one `debug` line tells why, without the value |
//! | the first of several headers is not valid | the next is looked at |
//! | a [`required`](Inbound::required) variable is missing or not valid | an HTTP request is answered with 400 and a short problem body |
//!
//! # At the edge
//!
//! <div class="warning">
//!
//! An id that a client made up stands on your log lines, and two clients may send the same one. Inside your own
//! network that is the point. On a public listener turn it off: [`Entry::trust`] with `false`, or `.trust(..)` of the
//! layer, which looks at the request. Then nothing is read from the carrier.
//!
//! </div>

mod field;
mod inbound;
mod missing;
mod opening;
mod refusal;

use std::fmt;
use std::sync::Arc;

pub(crate) use self::field::Field;
use self::field::Made;
pub use self::inbound::Inbound;
pub use self::missing::Missing;
pub use self::opening::{Entered, Opening, Outlet};
use self::refusal::{Reason, Refusal};
use crate::baggage::{self, Baggage};
use crate::carrier::Carrier;
use crate::context::Context;
use crate::current;
use crate::frame::Frame;
use crate::guard::Guard;
use crate::outbound::PROPERTIES;
use crate::report;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::table::Value;
use crate::traceparent::{self, TRACEPARENT, TRACESTATE};
use crate::var::{ContextVar, Variable};

/// What makes an id of this one call's arguments, in place of the entry's maker.
pub(crate) type MakeId<'a> = &'a mut dyn FnMut() -> RequestId;

/// The most bytes that one carrier brings into a context, whatever the number of variables.
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
/// let entry = Entry::new().take(&TENANT);
/// let message = HashMap::from([
///     ("x-request-id".to_owned(), "order-7".to_owned()),
///     ("X-Tenant".to_owned(), "acme".to_owned()),
/// ]);
/// let context = entry.open(&message)?;
/// assert_eq!(context.get(&REQUEST_ID).unwrap().as_ref(), "order-7");
/// context.sync_scope(|| assert_eq!(TENANT.get().as_deref(), Some("acme")));
/// # Ok::<(), propagate_context::entry::Missing>(())
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until a context is opened with it"]
pub struct Entry {
    fields: Vec<Arc<Field>>,
    trace: bool,
    trust: bool,
    /// Whether values are made for what did not come.
    make: bool,
}

impl Default for Entry {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    /// Takes [`REQUEST_ID`], and `traceparent` with `tracestate` to carry them through.
    pub fn new() -> Self {
        Self::empty().take(&REQUEST_ID).trace_context(true)
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

    /// Takes one variable more, or in another way than before: `.take(&TENANT)`, `.take(Inbound::from(&TENANT)..)`.
    ///
    /// # Panics
    ///
    /// If nothing can bring the variable: it is declared with neither a header nor a baggage key, and none is given
    /// here.
    #[track_caller]
    pub fn take<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
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
        let number = field.variable.number();
        match self
            .fields
            .iter_mut()
            .find(|other| other.variable.number() == number)
        {
            Some(place) => *place = field,
            None => self.fields.push(field),
        }
        self
    }

    /// Takes one variable less.
    pub fn without<T: Send + Sync + 'static>(mut self, variable: &'static ContextVar<T>) -> Self {
        self.fields
            .retain(|field| field.variable.number() != variable.number());
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
    /// [`Missing`], if it has no valid value for a [`required`](Inbound::required) variable.
    pub fn open(&self, carrier: &(impl Carrier + ?Sized)) -> Result<Context, Missing> {
        let opened = self.begin(&carrier, true, None);
        match opened.missing {
            None => Ok(Context::of(opened.frame)),
            Some(missing) => Err(missing),
        }
    }

    /// Opens the scope of a request; on a missing variable too, since the refusal has an id as well.
    pub(crate) fn begin(
        &self,
        carrier: &dyn Carrier,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
    ) -> Opened {
        let mut frame = Frame::entry();
        let read = self.read(carrier, trusted, make_id, &|_| false, &mut |value| {
            frame.add(value.variable().number(), value);
        });
        let frame = Arc::new(frame);
        if !read.refusals.is_empty() {
            // In the new scope, so that the line has the id that the request got.
            let _guard = Guard::new(frame.clone());
            read.refusals.iter().for_each(Refusal::report);
        }
        Opened {
            frame,
            missing: read.missing,
        }
    }

    /// Adds to the scope that runs, which an entry further out opened, what that one did not take.
    pub(crate) fn join(
        &self,
        carrier: &dyn Carrier,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
    ) -> Option<Missing> {
        let is_set = |number| {
            current::inspect(|scope| scope.is_some_and(|frame| frame.table.get(number).is_some()))
        };
        let read = self.read(carrier, trusted, make_id, &is_set, &mut |value| {
            let variable = value.variable();
            let _old =
                Frame::replace_in_current(variable.number(), &value, variable.is_task_only());
        });
        read.refusals.iter().for_each(Refusal::report);
        read.missing
    }

    fn read(
        &self,
        carrier: &dyn Carrier,
        trusted: bool,
        mut make_id: Option<MakeId<'_>>,
        is_set: &dyn Fn(u32) -> bool,
        put: &mut dyn FnMut(Value),
    ) -> Read {
        let carrier: &dyn Carrier = if trusted && self.trust {
            carrier
        } else {
            &Nothing
        };
        let mut read = Read {
            refusals: Vec::new(),
            missing: None,
        };
        let baggage = self.read_baggage(carrier, put);
        let mut left = MAX_BYTES;
        for field in &self.fields {
            if is_set(field.variable.number()) {
                continue;
            }
            let refused = read.refusals.len();
            match field.read(carrier, baggage.as_ref(), &mut read.refusals) {
                Some((value, bytes)) if bytes <= left => {
                    left -= bytes;
                    put(value);
                    continue;
                }
                Some(_) => read
                    .refusals
                    .push(field.refuse(field.key(), Reason::TooMuch { most: MAX_BYTES })),
                None => {}
            }
            if field.required {
                let reason = read.refusals[refused..]
                    .last()
                    .map(|refusal| refusal.reason.to_string());
                read.missing
                    .get_or_insert_with(|| Missing::new(field.key(), reason));
                continue;
            }
            let make_id = make_id
                .as_mut()
                .filter(|_| field.variable.number() == REQUEST_ID.number());
            match (make_id, &field.made) {
                (Some(make_id), _) => put(REQUEST_ID.bind(make_id())),
                (None, Made::By(make)) if self.make => put(make()),
                (None, _) => {}
            }
        }
        if self.trace && !is_set(TRACEPARENT.number()) {
            if let Some((parent, state)) = traceparent::read(carrier) {
                put(TRACEPARENT.bind(parent));
                if let Some(state) = state {
                    put(TRACESTATE.bind(state));
                }
            }
        }
        read
    }

    /// The `baggage` of `carrier`, where a variable travels in it.
    fn read_baggage(&self, carrier: &dyn Carrier, put: &mut dyn FnMut(Value)) -> Option<Baggage> {
        if self.fields.iter().all(|field| field.member.is_none()) {
            return None;
        }
        let baggage = baggage::read(carrier)?;
        if baggage.dropped() > 0 {
            report::warning(&baggage::Dropped(baggage.dropped()));
        }
        // What others have noted beside our members goes on with them.
        let mut noted = Baggage::new();
        for member in self
            .fields
            .iter()
            .filter_map(|field| baggage.member(field.member?))
        {
            if !member.properties().is_empty() {
                noted.add(member.key(), member.value(), member.properties());
            }
        }
        if !noted.is_empty() {
            put(PROPERTIES.bind(noted));
        }
        Some(baggage)
    }

    #[cfg(feature = "http")]
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

/// Whether the scope that runs is one that an entry opened, or is inside such a one.
pub(crate) fn is_entered() -> bool {
    current::inspect(|scope| scope.is_some_and(|frame| frame.is_entered()))
}

/// A scope that an entry opened.
pub(crate) struct Opened {
    pub(crate) frame: Arc<Frame>,
    pub(crate) missing: Option<Missing>,
}

struct Read {
    refusals: Vec<Refusal>,
    missing: Option<Missing>,
}

/// What a carrier that is not trusted looks like.
struct Nothing;

impl Carrier for Nothing {
    fn visit(&self, _key: &str, _each: &mut dyn FnMut(&[u8])) {}
}
