//! `Inbound`: how one variable comes in.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use super::field::{Field, Made};
use super::key::Key;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::util::http_token::is_http_token;
use crate::var::ContextVar;

/// How one variable comes in at an entry: where it is looked for, what is accepted, what is done without it.
///
/// Made from a variable it looks for the header and the baggage member of the declaration, takes what parses and
/// has at most 1024 bytes, and is content with nothing. [`REQUEST_ID`] alone starts with more: it is looked for in
/// `x-request-id`, a UUID is made where there is none, and the response tells it.
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
    /// How `variable` comes in by its declaration.
    pub fn new(variable: &'static ContextVar<T>) -> Self {
        let mut field = Field::new(
            variable,
            Box::new(move |text: &str| match text.parse() {
                Ok(value) => Ok(variable.bind(value)),
                Err(error) => Err(super::field::told(&error, text.len())),
            }),
            |value| ContextVar::<T>::typed(value).map(|value| value as &dyn Display),
        );
        let any: &dyn Any = variable;
        if let Some(id) = any.downcast_ref::<ContextVar<RequestId>>() {
            if std::ptr::eq(id, &raw const REQUEST_ID) {
                field.be_request_id();
            }
        }
        Self { variable, field }
    }

    /// The header to look in, in place of the declaration's.
    ///
    /// # Panics
    ///
    /// If `name` cannot be the name of a header.
    #[track_caller]
    pub fn header(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.headers([name])
    }

    /// The headers to look in, in place of the declaration's: the first that occurs once and is valid is taken. The
    /// first of them is also the one that answers.
    ///
    /// # Panics
    ///
    /// If one of `names` cannot be the name of a header.
    #[track_caller]
    pub fn headers<N: Into<Cow<'static, str>>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.field.keys.clear();
        for name in names {
            let name = name.into();
            assert!(
                is_http_token(&name),
                "`{}` cannot be the name of a header",
                name.escape_debug()
            );
            self.field.keys.push(Key::from(name));
        }
        self
    }

    /// What to set where nothing valid came in.
    pub fn generate(mut self, make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let variable = self.variable;
        self.field.made = Made::By(Box::new(move || variable.bind(make())));
        self
    }

    /// Leaves the variable without a value where nothing valid came in.
    pub fn generate_none(mut self) -> Self {
        self.field.made = Made::Not;
        self
    }

    /// Accepts only what `accept` says `true` to, on top of what the type accepts.
    pub fn validate(mut self, accept: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.field.validate = Some(Box::new(accept));
        self
    }

    /// Changes what came in before it is parsed. The result has to pass every check that the original had to.
    pub fn transform(mut self, change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.field.transform = Some(Box::new(change));
        self
    }

    /// The most bytes that a value may have.
    pub fn max_len(mut self, bytes: usize) -> Self {
        self.field.max_len = bytes;
        self
    }

    /// Whether the response tells the value, in the first of the headers, unless it has that header already.
    pub fn echo(mut self, echo: bool) -> Self {
        self.field.echo = echo;
        self
    }

    /// Whether the value is written into the request's headers (the first of them), for code further in that reads
    /// it there.
    pub fn write_request(mut self, write: bool) -> Self {
        self.field.write_request = write;
        self
    }

    /// Refuses what comes without a valid value: an HTTP request is answered with 400 and a short problem body that
    /// names the header. Nothing is made then.
    pub fn required(mut self) -> Self {
        self.field.required = true;
        self
    }

    pub(super) fn into_field(self) -> Arc<Field> {
        Arc::new(self.field)
    }
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
