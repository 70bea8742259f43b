//! `ContextVar<T>`: a variable's declaration, its policy, and the ways to read and write it.

use std::any::Any;
use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use crate::context::current;
use crate::context::frame::{Frame, OutsideEveryScope};
use crate::context::guard::Guard;
use crate::context::in_context::InContext;
use crate::context::overlay::Assignment;
use crate::context::table::Value;
use crate::context::token::Token;
use crate::util::http_token::is_http_token;
use crate::var::default::DefaultValue;
use crate::var::error::NoScope;

use crate::var::binding::Binding;
use crate::var::index::VarIndex;

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
    pub(super) name: &'static str,
    number: VarIndex,
    pub(super) task_only: bool,
    pub(super) header: Option<&'static str>,
    pub(super) baggage: Option<&'static str>,
    pub(super) show: Option<Show<T>>,
    pub(super) wire: Option<Wire<T>>,
    default: DefaultValue<T>,
}

/// The value as something that can be displayed; kept as a pointer, since the bound holds at the declaration only.
pub(super) type Show<T> = fn(&T) -> &dyn Display;

/// How a value is written to and read from a carrier.
pub(super) struct Wire<T> {
    pub(super) show: Show<T>,
    pub(super) parse: fn(&str) -> Option<T>,
}

fn show<T: Display>(value: &T) -> &dyn Display {
    value
}

fn parse<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

impl<T: Display + FromStr> Wire<T> {
    const NEW: Option<Self> = Some(Self { show, parse });
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// A variable that is seen by code of this process alone, and by children of the scope it is set in.
    ///
    /// # Panics
    ///
    /// At compile time, when the static is evaluated: where `name` is empty.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a variable needs a name");
        Self {
            name,
            number: VarIndex::none(),
            task_only: false,
            header: None,
            baggage: None,
            show: None,
            wire: None,
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
    #[must_use]
    pub const fn logged(mut self) -> Self
    where
        T: Display,
    {
        self.show = Some(show);
        self
    }

    /// Lets the value cross processes in the header `name`, as its `Display` writes and its `FromStr` reads it.
    ///
    /// # Panics
    ///
    /// At compile time, where `name` is no token of [RFC 9110, 5.6.2].
    ///
    /// [RFC 9110, 5.6.2]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    #[must_use]
    pub const fn header(mut self, name: &'static str) -> Self
    where
        T: Display + FromStr,
    {
        assert!(
            is_http_token(name),
            "a header's name is made of letters, digits and !#$%&'*+-.^_`|~"
        );
        self.header = Some(name);
        self.wire = Wire::NEW;
        self
    }

    /// Lets the value cross processes as the member `key` of the `baggage` header ([W3C Baggage]).
    ///
    /// # Panics
    ///
    /// At compile time, where `key` is no token of [RFC 9110, 5.6.2].
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
            "a baggage key is made of letters, digits and !#$%&'*+-.^_`|~"
        );
        self.baggage = Some(key);
        self.wire = Wire::NEW;
        self
    }

    /// Keeps the value in the task that set it: awaits see it, children (tasks, threads, wrapped closures) do not.
    /// For what must not be shared, such as a transaction or a set of hooks.
    #[must_use]
    pub const fn task_only(mut self) -> Self {
        self.task_only = true;
        self
    }

    /// The name, as it stands on log lines.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// A copy of the current value, the default where nothing is set.
    ///
    /// Never panics by itself: outside every scope, in a destructor, without a runtime it is `None` or the default.
    #[inline]
    pub fn get(&'static self) -> Option<T>
    where
        T: Clone,
    {
        self.with(|value| Some(value?.clone()))
    }

    /// Calls `f` with the current value, the default where nothing is set.
    ///
    /// `f` may itself read, write and enter scopes; the value it was called with stays as it was.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant");
    /// let length = TENANT.sync_scope("acme".to_owned(), || TENANT.with(|tenant| tenant.map_or(0, String::len)));
    /// assert_eq!(length, 4);
    /// ```
    #[inline]
    pub fn with<R>(&'static self, f: impl FnOnce(Option<&T>) -> R) -> R {
        match self.current() {
            Some(value) => f(Self::typed(&value)),
            None => f(self.default.get()),
        }
    }

    /// Runs `future` in a scope of its own, which has `value` and, beneath it, the context that is current at its
    /// first poll; where none is, that of this call.
    ///
    /// So scopes add up: `ID.scope("a", N.scope(1, future))` has both. What `future` sets ends with it.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// static ID: ContextVar<&str> = ContextVar::new("id");
    /// static N: ContextVar<u32> = ContextVar::new("n");
    /// # futures::executor::block_on(async {
    /// let seen = ID.scope("a", N.scope(1, async { (ID.get(), N.get()) })).await;
    /// assert_eq!(seen, (Some("a"), Some(1)));
    /// # });
    /// ```
    pub fn scope<F>(&'static self, value: T, future: F) -> InContext<F> {
        InContext::entering(Frame::pending(Some(Assignment::new(self, value))), future)
    }

    /// Runs `f` in a scope of its own, which has `value` and, beneath it, the current context.
    pub fn sync_scope<R>(&'static self, value: T, f: impl FnOnce() -> R) -> R {
        let (number, value) = (self.number_or_new(), self.bind(value));
        let (frame, covered) =
            current::inspect(|scope| Frame::extend(scope, number, Some(value), self.task_only));
        drop(covered);
        let _guard = Guard::new(frame);
        f()
    }

    /// Sets the value in the innermost scope: for all code that runs in it from now on, callers included; not for
    /// the scope around it, nor for children that were spawned before.
    ///
    /// The token takes it back; drop it where that is not wanted.
    ///
    /// # Panics
    ///
    /// Outside every scope, where the value would stay on the thread for whatever runs there next.
    /// [`try_set`](Self::try_set) gives an error instead.
    #[track_caller]
    pub fn set(&'static self, value: T) -> Token<T> {
        match self.try_set(value) {
            Ok(token) => token,
            Err(error) => panic!("{error}"),
        }
    }

    /// Like [`set`](Self::set), where there may be no scope.
    ///
    /// # Errors
    ///
    /// Outside every scope.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant");
    /// assert!(TENANT.try_set("acme".to_owned()).is_err());
    /// ```
    pub fn try_set(&'static self, value: T) -> Result<Token<T>, NoScope> {
        let value = self.bind(value);
        match Frame::replace_in_current(self.number_or_new(), &value, self.task_only) {
            Ok(previous) => Ok(Token::new(self, value, previous)),
            Err(OutsideEveryScope) => Err(NoScope::new(self.name)),
        }
    }

    pub(crate) fn bind(&'static self, value: T) -> Value {
        Arc::new(Binding {
            variable: self,
            value,
        })
    }

    /// Puts `value` into a scope that does not run.
    #[inline]
    pub(crate) fn write(&'static self, frame: &mut Arc<Frame>, value: T) {
        let number = self.number_or_new();
        let _replaced = Frame::replace(frame, number, Some(self.bind(value)), self.task_only);
    }

    /// The current value, taken out of the slot by its own count: what a user does while it is read cannot matter.
    #[inline]
    fn current(&'static self) -> Option<Value> {
        let number = self.number.to_look_up();
        current::inspect(|scope| scope?.table.get(number).cloned())
    }

    /// A value as what it was stored as: the place of a variable only ever holds its own type.
    #[inline]
    pub(crate) fn typed(value: &Value) -> Option<&T> {
        let value: &dyn Any = &**value;
        value
            .downcast_ref::<Binding<T>>()
            .map(|binding| &binding.value)
    }

    #[inline]
    pub(crate) fn is_task_only(&self) -> bool {
        self.task_only
    }

    #[inline]
    pub(crate) fn number_if_any(&self) -> Option<u32> {
        self.number.if_any()
    }

    #[inline]
    pub(crate) fn number_or_new(&self) -> u32 {
        self.number.or_new()
    }
}

/// The name alone: what is set differs from scope to scope, and may not be meant to be seen.
impl<T> fmt::Debug for ContextVar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextVar").field(&self.name).finish()
    }
}
