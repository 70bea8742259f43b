//! `Inbound`: how one variable is extracted.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;

use super::field::Field;
use super::key::Key;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::util::http_token::is_http_token;
use crate::var::ContextVar;

/// How an entry extracts one variable: where it looks, which values it accepts, and what happens without a valid value.
///
/// By default, an entry looks for the header and the baggage member that the variable declares. It accepts a value that
/// parses and has at most 1024 bytes. Otherwise, the variable has no value.
///
/// [`REQUEST_ID`] has different defaults: the entry looks for it in `x-request-id` and generates a UUID if there is no
/// valid value. The id is echoed in the response and written to the request, where inner code can read it.
///
/// # Example
///
/// ```
/// use propagate_context::entry::{Entry, Inbound};
/// use propagate_context::{ContextVar, REQUEST_ID, RequestId};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");
///
/// let entry = Entry::new()
///     .extract(
///         Inbound::from(&REQUEST_ID)
///             .headers(["x-request-id", "x-correlation-id"])
///             .generate(RequestId::new_v7),
///     )
///     .extract(Inbound::from(&TENANT).validate(|tenant| tenant.len() < 40).required());
/// # drop(entry);
/// ```
#[must_use = "it does nothing until it is given to an entry"]
pub struct Inbound<T: 'static> {
    variable: &'static ContextVar<T>,
    field: Field,
}

impl<T> Inbound<T>
where
    T: Display + FromStr + Send + Sync + 'static,
    T::Err: 'static,
{
    /// Extracts `variable` from the header and the baggage member that it declares.
    ///
    /// ```
    /// use propagate_context::ContextVar;
    /// use propagate_context::entry::{Entry, Inbound};
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let entry = Entry::new().extract(Inbound::new(&TENANT).required());
    /// # drop(entry);
    /// ```
    pub fn new(variable: &'static ContextVar<T>) -> Self {
        let mut field = Field::new(
            variable,
            Box::new(move |text: &str| match text.parse() {
                Ok(value) => Ok(variable.bind(value)),
                Err(error) => Err(super::acceptance::describe(&error, text.len())),
            }),
            |value| ContextVar::<T>::typed(value).map(|value| value as &dyn Display),
        );
        let any: &dyn Any = variable;
        if let Some(id) = any.downcast_ref::<ContextVar<RequestId>>() {
            if std::ptr::eq(id, &raw const REQUEST_ID) {
                field.set_request_id_defaults();
            }
        }
        Self { variable, field }
    }

    /// Sets the header to look for, instead of the one that the variable declares.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::ContextVar;
    ///
    /// static LOCALE: ContextVar<String> = ContextVar::new("locale"); // declares no header, so it is never sent
    ///
    /// let entry = Entry::new().extract(Inbound::from(&LOCALE).header("accept-language"));
    /// let context = entry.open(&HashMap::from([("accept-language".to_owned(), "de".to_owned())]))?;
    /// assert_eq!(context.get(&LOCALE).as_deref(), Some("de"));
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a valid header name.
    #[track_caller]
    pub fn header(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.headers([name])
    }

    /// Sets the headers to look for, in this order, instead of the one that the variable declares. The first of them is
    /// also the response header.
    ///
    /// Only the first header that is present is used: if its value is not valid, or if it occurs more than once, the
    /// variable has no value. For [`REQUEST_ID`], the next header is tried in this case.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::REQUEST_ID;
    ///
    /// let entry = Entry::new().extract(Inbound::from(&REQUEST_ID).headers(["x-request-id", "x-correlation-id"]));
    /// let context = entry.open(&HashMap::from([("x-correlation-id".to_owned(), "r-17".to_owned())]))?;
    /// assert_eq!(context.get(&REQUEST_ID).unwrap().as_str(), "r-17");
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if one of `names` is not a valid header name.
    #[track_caller]
    pub fn headers<N: Into<Cow<'static, str>>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.field.keys.clear();
        for name in names {
            let name = name.into();
            assert_is_header_name(&name);
            self.field.keys.push(Key::from(name));
        }
        self
    }

    /// Generates a value with `make` if there is no valid one.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::{REQUEST_ID, RequestId};
    ///
    /// let entry = Entry::new().extract(Inbound::from(&REQUEST_ID).generate(RequestId::new_v7));
    /// let context = entry.open(&HashMap::<String, String>::new())?;
    /// assert_eq!(&context.get(&REQUEST_ID).unwrap().as_str()[14..15], "7");
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn generate(mut self, make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let variable = self.variable;
        self.field.make = Some(Box::new(move || variable.bind(make())));
        self
    }

    /// Leaves the variable without a value if there is no valid one.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::REQUEST_ID;
    ///
    /// let entry = Entry::new().extract(Inbound::from(&REQUEST_ID).generate_none());
    /// assert!(entry.open(&HashMap::<String, String>::new())?.get(&REQUEST_ID).is_none());
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn generate_none(mut self) -> Self {
        self.field.make = None;
        self
    }

    /// Accepts only values for which `accept` returns `true`. They must also pass the other checks, such as parsing.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::ContextVar;
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let entry = Entry::new().extract(Inbound::from(&TENANT).validate(|tenant| tenant.starts_with("t-")));
    /// assert!(entry.open(&HashMap::from([("x-tenant".to_owned(), "t-7".to_owned())]))?.get(&TENANT).is_some());
    /// assert!(entry.open(&HashMap::from([("x-tenant".to_owned(), "root".to_owned())]))?.get(&TENANT).is_none());
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn validate(mut self, accept: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.field.validate = Some(Box::new(accept));
        self
    }

    /// Changes a received value before it is parsed. Generated values are changed as well.
    ///
    /// The result must pass the same checks as the original. If a changed generated value fails them, the original is
    /// used.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::ContextVar;
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let entry = Entry::new().extract(Inbound::from(&TENANT).transform(|tenant| tenant.to_lowercase()));
    /// let context = entry.open(&HashMap::from([("x-tenant".to_owned(), "ACME".to_owned())]))?;
    /// assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn transform(mut self, change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.field.transform = Some(Box::new(change));
        self
    }

    /// Sets the maximum length of a value in bytes. The default is 1024, and 200 for [`REQUEST_ID`].
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::ContextVar;
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let entry = Entry::new().extract(Inbound::from(&TENANT).max_len(8));
    /// assert!(entry.open(&HashMap::from([("x-tenant".to_owned(), "acme".to_owned())]))?.get(&TENANT).is_some());
    /// assert!(entry.open(&HashMap::from([("x-tenant".to_owned(), "a long name".to_owned())]))?.get(&TENANT).is_none());
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn max_len(mut self, bytes: usize) -> Self {
        self.field.max_len = bytes;
        self
    }

    /// Sets whether the response echoes the value in the first of the headers. A header that the response already has
    /// is not replaced. Enabled by default only for [`REQUEST_ID`].
    ///
    /// ```
    /// use propagate_context::ContextVar;
    /// use propagate_context::entry::{Entry, Inbound};
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let entry = Entry::new().extract(Inbound::from(&TENANT).echo(true)); // sets `x-tenant` in the response
    /// # drop(entry);
    /// ```
    pub fn echo(mut self, echo: bool) -> Self {
        self.field.echo = echo;
        self
    }

    /// Sets whether the layer writes the value to the first of the headers in the request, for inner layers, spans and
    /// handlers that read it there. Enabled by default only for [`REQUEST_ID`].
    ///
    /// ```
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::{Entry, Inbound};
    ///
    /// let entry = Entry::new().extract(Inbound::from(&REQUEST_ID).write_request(false)); // the request is not changed
    /// # drop(entry);
    /// ```
    pub fn write_request(mut self, write: bool) -> Self {
        self.field.write_request = write;
        self
    }

    /// Rejects a request without a valid value. The response has status 400 and a short problem body that names the
    /// header. No value is generated.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::ContextVar;
    ///
    /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    ///
    /// let entry = Entry::new().extract(Inbound::from(&TENANT).required());
    /// let missing = entry.open(&HashMap::<String, String>::new()).unwrap_err();
    /// assert_eq!(missing.key(), "x-tenant");
    /// ```
    pub fn required(mut self) -> Self {
        self.field.required = true;
        self
    }

    /// Sets whether the response's `Access-Control-Expose-Headers` names the header, so that scripts of other origins
    /// can read it. Has no effect unless the response [echoes](Self::echo) the value.
    ///
    /// ```
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::{Entry, Inbound};
    ///
    /// let entry = Entry::new().extract(Inbound::from(&REQUEST_ID).expose(true));
    /// # drop(entry);
    /// ```
    pub fn expose(mut self, expose: bool) -> Self {
        self.field.expose = expose;
        self
    }

    /// Keeps the id of an untrusted client in the request header `name`, where inner code can read it. This helps to
    /// find a request by the id in the client's own logs.
    ///
    /// The header is written only if the id is valid. A header `name` that the client sent is removed. An entry keeps one
    /// value: that of the first variable with this option.
    ///
    /// ```
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::{Entry, Inbound};
    ///
    /// let edge = Entry::new().extract(Inbound::from(&REQUEST_ID).keep_as("x-client-request-id")).trust(false);
    /// # drop(edge);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a valid header name.
    #[track_caller]
    pub fn keep_as(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        assert_is_header_name(&name);
        self.field.keep_as = Some(Key::from(name));
        self
    }

    /// Uses the received value as the value of `parent`, and always generates a new value for this variable. In this
    /// way a job has an id of its own, and its log lines also show the id of the request or job that created it.
    ///
    /// [`required`](Self::required) has no effect on such a variable.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::entry::{Entry, Inbound};
    /// use propagate_context::{ContextVar, REQUEST_ID, RequestId};
    ///
    /// static PARENT_REQUEST_ID: ContextVar<RequestId> = ContextVar::new("parent_request_id").logged();
    ///
    /// let jobs = Entry::new().extract(Inbound::from(&REQUEST_ID).into_parent(&PARENT_REQUEST_ID));
    /// let job = HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())]);
    /// jobs.open(&job)?.sync_scope(|| {
    ///     assert_eq!(PARENT_REQUEST_ID.get().unwrap().as_str(), "order-7");
    ///     assert_ne!(REQUEST_ID.get(), PARENT_REQUEST_ID.get());
    /// });
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn into_parent(mut self, parent: &'static ContextVar<T>) -> Self
    where
        T: Clone,
    {
        self.field.parent = Some(Box::new(move |value| {
            ContextVar::<T>::typed(value).map(|value| parent.bind(value.clone()))
        }));
        self
    }

    pub(super) fn into_field(self) -> Field {
        self.field
    }
}

#[track_caller]
fn assert_is_header_name(name: &str) {
    assert!(
        is_http_token(name),
        "`{}` is not a valid header name",
        name.escape_debug()
    );
}

impl<T> From<&'static ContextVar<T>> for Inbound<T>
where
    T: Display + FromStr + Send + Sync + 'static,
    T::Err: 'static,
{
    fn from(variable: &'static ContextVar<T>) -> Self {
        Self::new(variable)
    }
}

impl<T> fmt::Debug for Inbound<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}
