//! One variable of an entry, whatever its type.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::{self, Display};

use super::key::Key;
use super::notes::{EchoedHeader, ExtractionNotes};
use super::rejection::{RejectReason, Rejection};
use super::source::{CarrierView, Origin, RawValue};
use crate::propagation::baggage::Baggage;
use crate::request_id::{self, InvalidRequestId, REQUEST_ID, RequestId};
use crate::util::caught::caught;
use crate::util::display::text_of;
use crate::var::binding::Value;
use crate::var::{ContextVar, Variable};

/// Enough for an id, a tenant, a locale; anything longer belongs in a body.
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
    /// That of the variable.
    pub(crate) index: u32,
    pub(crate) keys: Vec<Key>,
    pub(crate) member: Option<&'static str>,
    /// The number of these keys among those of the program.
    pub(super) keys_number: usize,
    pub(super) max_len: usize,
    pub(super) transform: Option<Transform>,
    pub(super) validate: Option<Validate>,
    parse: Parse,
    show: Show,
    /// Makes a value where there is no valid one.
    pub(super) make: Option<Make>,
    /// Turns what came in into the value of another variable; this one always gets a new value then.
    pub(super) parent: Option<ToParent>,
    /// The header that an untrusted request keeps its own value in.
    pub(crate) keep_as: Option<Key>,
    pub(super) required: bool,
    pub(crate) echo: bool,
    pub(crate) expose: bool,
    pub(crate) write_request: bool,
}

/// An accepted value, and how long it was when it was parsed.
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

    /// The defaults of the one variable that every request has.
    pub(super) fn set_request_id_defaults(&mut self) {
        self.keys = vec![Key::known("x-request-id")];
        self.max_len = request_id::MAX_LEN;
        self.make = Some(Box::new(|| REQUEST_ID.bind(RequestId::new_v4())));
        self.echo = true;
        self.write_request = true;
    }

    /// Whether there is a place to look for it.
    pub(super) fn has_key(&self) -> bool {
        !self.keys.is_empty() || self.member.is_some()
    }

    pub(crate) fn is_request_id(&self) -> bool {
        self.index == REQUEST_ID.index()
    }

    /// The value of the first header that is there.
    ///
    /// Where it is not acceptable, the search ends: else a client could spoil what a proxy has set, and have its own
    /// value taken from another place. For the request id alone the next header is looked at, since the worst that
    /// can happen is another id.
    pub(super) fn read_headers(
        &self,
        source: CarrierView<'_>,
        notes: &mut ExtractionNotes,
    ) -> Option<Extracted> {
        for (index, key) in self.keys.iter().enumerate() {
            match self.read_header(source, key, index == 0, &mut notes.echoed) {
                Some(Ok(extracted)) => return Some(extracted),
                Some(Err(reason)) => {
                    notes.reject(self.reject(key.as_str(), reason));
                    if !self.is_request_id() {
                        return None;
                    }
                }
                None => {}
            }
        }
        None
    }

    /// The value of the member of `baggage`.
    pub(super) fn read_member(
        &self,
        baggage: Option<&Baggage>,
        notes: &mut ExtractionNotes,
    ) -> Option<Extracted> {
        let key = self.member?;
        let baggage = baggage?;
        let text = baggage.get(key)?;
        let read = match baggage.times(key) {
            1 => self.accept_unchecked_text(text),
            times => Err(RejectReason::Several { times }),
        };
        read.map_err(|reason| notes.reject(self.reject(key, reason)))
            .ok()
    }

    pub(super) fn reject(&self, key: &str, reason: RejectReason) -> Rejection {
        Rejection {
            variable: self.variable.name(),
            key: key.to_owned(),
            reason,
        }
    }

    /// The key that a message about the missing variable names.
    pub(super) fn key(&self) -> &str {
        self.keys
            .first()
            .map(Key::as_str)
            .or(self.member)
            .unwrap_or(self.variable.name())
    }

    /// What a message calls the place of `key`.
    pub(super) fn place_of(&self, key: &str) -> &'static str {
        if self.keys.iter().any(|header| header.as_str() == key) {
            "header"
        } else {
            "baggage member"
        }
    }

    /// The value as a header.
    pub(crate) fn header_value(&self, value: &Value) -> Option<http::HeaderValue> {
        if let Some(id) = ContextVar::<RequestId>::typed(value) {
            return http::HeaderValue::from_str(id.as_str()).ok();
        }
        let text = (self.show)(value).and_then(text_of)?;
        http::HeaderValue::try_from(text).ok()
    }

    /// The header of the response, and of the request behind the layer.
    pub(crate) fn header_name(&self) -> Option<&http::HeaderName> {
        self.keys.first()?.name()
    }

    /// A made value goes through the transformation as well. Where the result is not acceptable, it stays as it is.
    pub(super) fn change_made(&self, value: Value) -> Value {
        if self.transform.is_none() {
            return value;
        }
        let text = (self.show)(&value).and_then(text_of);
        let changed = text.and_then(|text| self.accept_or_catch(&text).ok());
        changed.map_or(value, |changed| changed.value)
    }

    fn read_header(
        &self,
        source: CarrierView<'_>,
        key: &Key,
        is_first: bool,
        echoed: &mut Option<EchoedHeader>,
    ) -> Option<Result<Extracted, RejectReason>> {
        let read = source.only(key, |raw| {
            let extracted = self.accept_raw(raw)?;
            if let (Origin::Header(header), None, true) = (raw.origin, &echoed, self.is_verbatim())
            {
                *echoed = Some(EchoedHeader {
                    header: header.clone(),
                    in_request: is_first,
                });
            }
            Ok(extracted)
        });
        read.unwrap_or_else(|times| Some(Err(RejectReason::Several { times })))
    }

    /// Whether it is the request id, and no function of the user validates or changes it.
    fn is_unchanged_id(&self) -> bool {
        self.transform.is_none() && self.validate.is_none() && self.is_request_id()
    }

    /// Whether the response repeats the very header that the value was read from.
    fn is_verbatim(&self) -> bool {
        self.echo && self.transform.is_none() && self.is_request_id()
    }

    /// A header's value has to be printable ASCII, since the encoding of anything else is not known; a map of text has
    /// one.
    fn accept_raw(&self, raw: RawValue<'_>) -> Result<Extracted, RejectReason> {
        let bytes = raw.bytes;
        if bytes.len() > self.max_len {
            return Err(RejectReason::TooLong {
                bytes: bytes.len(),
                most: self.max_len,
            });
        }
        let text = std::str::from_utf8(bytes);
        if let (true, Ok(text)) = (self.is_unchanged_id(), text) {
            // A valid id passes all the other checks, too.
            if let Ok(extracted) = self.parse(text) {
                return Ok(extracted);
            }
        }
        match text {
            Ok("") => Err(RejectReason::Empty),
            Ok(text) if is_printable(bytes) => self.accept_or_catch(text),
            Ok(text) if matches!(raw.origin, Origin::Text) => self.accept_unchecked_text(text),
            _ => Err(RejectReason::NotPrintable { bytes: bytes.len() }),
        }
    }

    fn accept_unchecked_text(&self, text: &str) -> Result<Extracted, RejectReason> {
        self.check(text)?;
        self.accept_or_catch(text)
    }

    /// Accepts what has been checked. Untrusted input reaches code of the user here: if that panics, the value is
    /// not valid.
    fn accept_or_catch(&self, text: &str) -> Result<Extracted, RejectReason> {
        if self.is_unchanged_id() {
            // A parser of ours, which does not panic.
            return self.parse(text);
        }
        caught(|| self.transform_and_parse(text))
            .unwrap_or(Err(RejectReason::Panics { bytes: text.len() }))
    }

    fn transform_and_parse(&self, text: &str) -> Result<Extracted, RejectReason> {
        match &self.transform {
            None => self.validate_and_parse(text),
            Some(transform) => {
                let changed = transform(text);
                self.check(&changed)?;
                self.validate_and_parse(&changed)
            }
        }
    }

    fn check(&self, text: &str) -> Result<(), RejectReason> {
        let bytes = text.len();
        if bytes == 0 {
            Err(RejectReason::Empty)
        } else if bytes > self.max_len {
            Err(RejectReason::TooLong {
                bytes,
                most: self.max_len,
            })
        } else if text.chars().any(char::is_control) {
            Err(RejectReason::Controls { bytes })
        } else {
            Ok(())
        }
    }

    fn validate_and_parse(&self, text: &str) -> Result<Extracted, RejectReason> {
        match &self.validate {
            Some(validate) if !validate(text) => Err(RejectReason::Forbidden { bytes: text.len() }),
            _ => self.parse(text),
        }
    }

    fn parse(&self, text: &str) -> Result<Extracted, RejectReason> {
        let bytes = text.len();
        (self.parse)(text).map(|value| Extracted { value, bytes })
    }
}

/// Whether all is printable ASCII. Looks at every byte, whatever it has found, so that it takes many at once.
fn is_printable(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// What a log line may show of a parser's error: the text of an unknown error could repeat its input.
pub(super) fn describe(error: &dyn Any, bytes: usize) -> RejectReason {
    match error.downcast_ref::<InvalidRequestId>() {
        Some(error) => RejectReason::Described(error.to_string()),
        None => RejectReason::NotValid { bytes },
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
