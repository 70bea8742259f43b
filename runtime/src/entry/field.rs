//! `Field`: one variable of an entry, with its type erased.

use std::borrow::Cow;
use std::fmt::{self, Display};

use super::key::Key;
use super::rejection::{RejectReason, Rejection};
use crate::request_id::{self, REQUEST_ID, RequestId};
use crate::util::display::text_of;
use crate::var::binding::Value;
use crate::var::{ContextVar, Variable};

/// Enough for an id, a tenant or a locale. Longer values belong in a body.
const MAX_LEN: usize = 1024;

type Parse = Box<dyn Fn(&str) -> Result<Value, RejectReason> + Send + Sync>;
type Transform = Box<dyn Fn(&str) -> String + Send + Sync>;
type Validate = Box<dyn Fn(&str) -> bool + Send + Sync>;
type Show = fn(&Value) -> Option<&dyn Display>;
type Make = Box<dyn Fn() -> Value + Send + Sync>;
type ToParent = Box<dyn Fn(&Value) -> Option<Value> + Send + Sync>;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct Field {
    pub(crate) variable: &'static dyn Variable,
    /// The index of the variable.
    pub(crate) index: u32,
    pub(crate) keys: Vec<Key>,
    pub(crate) member: Option<&'static str>,
    /// The number of these keys in the list of all keys of the process: see `known_keys`.
    pub(super) keys_number: usize,
    pub(super) max_len: usize,
    pub(super) transform: Option<Transform>,
    pub(super) validate: Option<Validate>,
    pub(super) parse: Parse,
    pub(super) show: Show,
    /// Generates a value if there is no valid one.
    pub(super) make: Option<Make>,
    /// Converts the received value to the value of another variable. If set, this variable always gets a new value.
    pub(super) parent: Option<ToParent>,
    /// The header in which an untrusted request keeps its own value.
    pub(crate) keep_as: Option<Key>,
    pub(super) required: bool,
    pub(crate) echo: bool,
    pub(crate) expose: bool,
    pub(crate) write_request: bool,
}

/// An accepted value, and the length of its text when it was parsed.
pub(super) struct Extracted {
    pub(super) value: Value,
    pub(super) bytes: usize,
}

impl Field {
    pub(super) fn new(variable: &'static dyn Variable, parse: Parse, show: Show) -> Self {
        Self {
            variable,
            index: variable.index(),
            keys: variable
                .header_name()
                .map(Cow::Borrowed)
                .map(Key::from)
                .into_iter()
                .collect(),
            member: variable.baggage_key(),
            keys_number: 0,
            max_len: MAX_LEN,
            transform: None,
            validate: None,
            parse,
            show,
            make: None,
            parent: None,
            keep_as: None,
            required: false,
            echo: false,
            expose: false,
            write_request: false,
        }
    }

    /// Sets the defaults of [`REQUEST_ID`].
    pub(super) fn set_request_id_defaults(&mut self) {
        self.keys = vec![Key::known("x-request-id")];
        self.max_len = request_id::MAX_LEN;
        self.make = Some(Box::new(|| REQUEST_ID.bind(RequestId::new_v4())));
        self.echo = true;
        self.write_request = true;
    }

    /// Whether there is a header or a baggage key to look for.
    pub(super) fn has_key(&self) -> bool {
        !self.keys.is_empty() || self.member.is_some()
    }

    pub(crate) fn is_request_id(&self) -> bool {
        self.index == REQUEST_ID.index()
    }

    pub(super) fn reject(&self, key: &str, reason: RejectReason) -> Rejection {
        Rejection {
            variable: self.variable.name(),
            key: key.to_owned(),
            reason,
        }
    }

    /// Returns the key that error messages about a missing value name.
    pub(super) fn key(&self) -> &str {
        self.keys
            .first()
            .map(Key::as_str)
            .or(self.member)
            .unwrap_or(self.variable.name())
    }

    /// Returns the term that error messages use for the place of `key`.
    pub(super) fn place_of(&self, key: &str) -> &'static str {
        if self.keys.iter().any(|header| header.as_str() == key) {
            "header"
        } else {
            "baggage member"
        }
    }

    /// Formats `value` as a header value.
    pub(crate) fn header_value(&self, value: &Value) -> Option<http::HeaderValue> {
        if let Some(id) = ContextVar::<RequestId>::typed(value) {
            return http::HeaderValue::from_str(id.as_str()).ok();
        }
        let text = (self.show)(value).and_then(text_of)?;
        http::HeaderValue::try_from(text).ok()
    }

    /// Returns the name of the response header, and of the request header that the layer writes.
    pub(crate) fn header_name(&self) -> Option<&http::HeaderName> {
        self.keys.first()?.name()
    }

    /// Whether this is the request id, without a user function that validates or changes it.
    pub(super) fn is_unchanged_id(&self) -> bool {
        self.transform.is_none() && self.validate.is_none() && self.is_request_id()
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("variable", &self.variable.name())
            .field("keys", &self.keys)
            .field("member", &self.member)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}
