//! `ContextVar<T>`: a variable's declaration and its policy.

use std::fmt::{self, Display};
use std::mem::needs_drop;
use std::str::FromStr;

use crate::util::http_token::is_http_token;
use crate::var::default::DefaultValue;
use crate::var::index::VarIndex;
use crate::var::shown::Shown;
use crate::var::traits::{Traits, is_text};
use crate::var::variable::{Variable, sealed};

/// A typed variable of the current context, declared once as a `static`.
///
/// The declaration is also the policy: a value is neither [`logged`](Self::logged) nor sent to another process
/// ([`header`](Self::header), [`baggage`](Self::baggage)) unless it says so here.
///
/// ```
/// use propagate_context::ContextVar;
///
/// /// The tenant that a request is made for.
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");
///
/// TENANT.sync_scope("acme".to_owned(), || {
///     assert_eq!(TENANT.get().as_deref(), Some("acme"));
///     TENANT.set("umbrella".to_owned());
///     assert_eq!(TENANT.get().as_deref(), Some("umbrella"));
/// });
/// assert_eq!(TENANT.get(), None);
/// ```
///
/// Two variables are two statics, whatever their names: the name is for people who read logs.
pub struct ContextVar<T: 'static> {
    name: &'static str,
    index: VarIndex,
    traits: Traits,
    header: Option<&'static str>,
    baggage: Option<&'static str>,
    /// How a value is written to a log line.
    pub(super) show: Option<fn(&T) -> Shown<'_>>,
    /// How a value is written to a carrier.
    pub(super) send: Option<Show<T>>,
    default: DefaultValue<T>,
}

/// The value as something that can be displayed; kept as a pointer, since the bound holds at the declaration only.
pub(super) type Show<T> = fn(&T) -> &dyn Display;

fn show<T: Display>(value: &T) -> &dyn Display {
    value
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// A variable that is neither logged nor sent to other processes, and that children of the scope it is set in inherit.
    ///
    /// # Panics
    ///
    /// At compile time, when the static is evaluated: where `name` is empty.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a variable needs a name");
        Self {
            name,
            index: VarIndex::unassigned(),
            traits: Traits {
                task_only: false,
                may_nest: needs_drop::<T>(),
            },
            header: None,
            baggage: None,
            show: None,
            send: None,
            default: DefaultValue::none(),
        }
    }

    /// What [`get`](Self::get) and [`with`](Self::with) see where nothing is set. Made at the first such read and kept
    /// for the process (threads that read it at the same time may both make it, and one is kept); never logged and
    /// never sent.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// static LOCALE: ContextVar<String> = ContextVar::new("locale").default_with(|| "en".to_owned());
    /// assert_eq!(LOCALE.get().as_deref(), Some("en"));
    /// ```
    #[must_use]
    pub const fn default_with(mut self, make: fn() -> T) -> Self {
        self.default.set_maker(make);
        self
    }

    /// Shows the value on every log line, under the variable's name.
    ///
    /// ```
    /// use propagate_context::{ContextVar, visit_logged};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user").logged();
    ///
    /// USER.sync_scope(7, || visit_logged(|name, value| assert_eq!(format!("{name}={value}"), "user=7")));
    /// ```
    #[must_use]
    pub const fn logged(mut self) -> Self
    where
        T: Display,
    {
        self.show = Some(|value| Shown::of(value, value));
        self
    }

    /// As [`logged`](Self::logged), for a value whose `Display` writes what its `AsRef` returns.
    #[cfg(feature = "request-id")]
    pub(crate) const fn logged_text(mut self) -> Self
    where
        T: Display + AsRef<str>,
    {
        self.show = Some(|value| Shown {
            text: Some(value.as_ref()),
            ..Shown::of(value, value)
        });
        self
    }

    /// Lets the value cross processes in the header `name`, as its `Display` writes and its `FromStr` reads it.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{ContextVar, inject};
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("X-Tenant");
    ///
    /// let mut sent = HashMap::new();
    /// TENANT.sync_scope("acme".to_owned(), || inject(&mut sent));
    /// assert_eq!(sent["X-Tenant"], "acme");
    /// ```
    ///
    /// # Panics
    ///
    /// At compile time, where `name` is not a token of [RFC 9110, 5.6.2].
    ///
    /// [RFC 9110, 5.6.2]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    #[must_use]
    pub const fn header(mut self, name: &'static str) -> Self
    where
        T: Display + FromStr,
    {
        assert!(
            is_http_token(name),
            "the name of a header consists of letters, digits and !#$%&'*+-.^_`|~"
        );
        self.header = Some(name);
        self.send = Some(show);
        self
    }

    /// Lets the value cross processes as the member `key` of the `baggage` header ([W3C Baggage]).
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::{ContextVar, inject};
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").baggage("tenant");
    ///
    /// let mut sent = HashMap::new();
    /// TENANT.sync_scope("acme".to_owned(), || inject(&mut sent));
    /// assert_eq!(sent["baggage"], "tenant=acme");
    /// ```
    ///
    /// # Panics
    ///
    /// At compile time, where `key` is not a token of [RFC 9110, 5.6.2].
    ///
    /// [W3C Baggage]: https://www.w3.org/TR/baggage/
    /// [RFC 9110, 5.6.2]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    #[must_use]
    pub const fn baggage(mut self, key: &'static str) -> Self
    where
        T: Display + FromStr,
    {
        assert!(
            is_http_token(key),
            "a baggage key consists of letters, digits and !#$%&'*+-.^_`|~"
        );
        self.baggage = Some(key);
        self.send = Some(show);
        self
    }

    /// Keeps the value in the task that set it: awaits see it, children (tasks, threads, wrapped closures) do not.
    /// For what must not be shared, such as a transaction or a set of hooks.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static TRANSACTION: ContextVar<u32> = ContextVar::new("transaction").task_only();
    ///
    /// TRANSACTION.sync_scope(7, || {
    ///     assert_eq!(TRANSACTION.get(), Some(7));
    ///     assert!(Context::current().is_empty()); // what children get
    /// });
    /// ```
    #[must_use]
    pub const fn task_only(mut self) -> Self {
        self.traits.task_only = true;
        self
    }

    /// The name that appears on log lines.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it can be read from a carrier.
    pub(crate) const fn has_key(&self) -> bool {
        self.header.is_some() || self.baggage.is_some()
    }

    #[cold]
    pub(crate) fn default_value(&'static self) -> Option<&'static T> {
        self.default.get()
    }

    /// For types of our own, which hold no context.
    #[cfg(feature = "request-id")]
    pub(crate) const fn flat(mut self) -> Self {
        self.traits.may_nest = false;
        self
    }

    #[inline]
    pub(crate) fn traits(&self) -> Traits {
        Traits {
            task_only: self.traits.task_only,
            may_nest: self.traits.may_nest && !is_text::<T>(),
        }
    }

    /// The index of the variable's place, or one whose place is empty in every table.
    #[inline]
    pub(crate) fn index_to_look_up(&self) -> u32 {
        self.index.to_look_up()
    }

    #[inline]
    pub(crate) fn index_if_assigned(&self) -> Option<u32> {
        self.index.get()
    }

    #[inline]
    pub(crate) fn index_or_assign(&self) -> u32 {
        self.index.get_or_assign(self.show.is_some())
    }
}

impl<T: Send + Sync + 'static> Variable for ContextVar<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn header_name(&self) -> Option<&'static str> {
        self.header
    }

    fn baggage_key(&self) -> Option<&'static str> {
        self.baggage
    }

    fn index(&self) -> u32 {
        self.index_or_assign()
    }
}

impl<T: Send + Sync + 'static> sealed::Sealed for ContextVar<T> {}

/// The name alone: what is set differs from scope to scope, and may not be meant to be seen.
impl<T> fmt::Debug for ContextVar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextVar").field(&self.name).finish()
    }
}
