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
/// /// The tenant that a request belongs to.
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
/// A variable is identified by its static, not by its name: the name is only for people who read logs.
pub struct ContextVar<T: 'static> {
    name: &'static str,
    index: VarIndex,
    traits: Traits,
    header: Option<&'static str>,
    baggage: Option<&'static str>,
    /// Prepares a value for a log line.
    pub(super) show: Option<fn(&T) -> Shown<'_>>,
    /// Prepares a value for a carrier.
    pub(super) send: Option<Show<T>>,
    default: DefaultValue<T>,
}

/// Converts a value to a `dyn Display`. Stored as a function pointer, since the bound only holds at the declaration.
pub(super) type Show<T> = fn(&T) -> &dyn Display;

fn show<T: Display>(value: &T) -> &dyn Display {
    value
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// Creates a variable that is not logged, not sent to other processes, and inherited by the children of the scope
    /// in which it is set.
    ///
    /// # Panics
    ///
    /// Panics if `name` is empty: at compile time, when the static is evaluated.
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

    /// Sets the value that [`get`](Self::get) and [`with`](Self::with) return if the variable is not set. It is created
    /// at the first such read and kept for the lifetime of the process. If several threads read it at the same time,
    /// each may create a value, and one of them is kept. A default is never logged and never sent.
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

    /// Shows the value on every log line, under the name of the variable.
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

    /// Like [`logged`](Self::logged), for a type whose `Display` writes the string that its `AsRef` returns.
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

    /// Propagates the value across processes in the header `name`. It is written with `Display` and read with
    /// `FromStr`.
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
    /// Panics if `name` is not a token of [RFC 9110, 5.6.2]: at compile time, when the static is evaluated.
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

    /// Propagates the value across processes as the member `key` of the `baggage` header ([W3C Baggage]).
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
    /// Panics if `key` is not a token of [RFC 9110, 5.6.2]: at compile time, when the static is evaluated.
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

    /// Keeps the value in the task that set it: code that the task awaits sees it, but children (tasks, threads,
    /// wrapped closures) do not. Use it for values that must not be shared, such as a transaction or a set of hooks.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static TRANSACTION: ContextVar<u32> = ContextVar::new("transaction").task_only();
    ///
    /// TRANSACTION.sync_scope(7, || {
    ///     assert_eq!(TRANSACTION.get(), Some(7));
    ///     assert!(Context::current().is_empty()); // children inherit nothing
    /// });
    /// ```
    #[must_use]
    pub const fn task_only(mut self) -> Self {
        self.traits.task_only = true;
        self
    }

    /// Returns the name that appears on log lines.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the variable can be read from a carrier.
    pub(crate) const fn has_key(&self) -> bool {
        self.header.is_some() || self.baggage.is_some()
    }

    #[cold]
    pub(crate) fn default_value(&'static self) -> Option<&'static T> {
        self.default.get()
    }

    /// Declares that values hold no context. Only for types of this crate.
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

    /// Returns the variable's index, or one whose place is empty in every table.
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

/// Shows only the name: the value depends on the scope, and may be confidential.
impl<T> fmt::Debug for ContextVar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextVar").field(&self.name).finish()
    }
}
