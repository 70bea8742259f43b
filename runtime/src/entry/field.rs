//! One variable of an entry, whatever its type.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::brought::EchoedHeader;
use super::key::Key;
use super::reading::ExtractionNotes;
use super::rejection::{RejectReason, Rejection};
use super::source::{CarrierView, Origin, RawValue};
use crate::propagation::baggage::Baggage;
use crate::request_id::{InvalidRequestId, REQUEST_ID, RequestId};
use crate::var::Variable;
use crate::var::binding::Value;

/// Enough for an id, a tenant, a locale; what is longer belongs into a body.
const MAX_LEN: usize = 1024;

type Parse = Box<dyn Fn(&str) -> Result<Value, RejectReason> + Send + Sync>;
type Transform = Box<dyn Fn(&str) -> String + Send + Sync>;
type Validate = Box<dyn Fn(&str) -> bool + Send + Sync>;
type Show = fn(&Value) -> Option<&dyn Display>;

pub(crate) struct Field {
    pub(crate) variable: &'static dyn Variable,
    pub(super) keys: Vec<Key>,
    pub(super) member: Option<&'static str>,
    pub(super) max_len: usize,
    pub(super) transform: Option<Transform>,
    pub(super) validate: Option<Validate>,
    parse: Parse,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only HTTP answers"))]
    show: Show,
    pub(super) made: Made,
    pub(super) required: bool,
    pub(crate) echo: bool,
    pub(crate) write_request: bool,
}

/// A value that came in, and how long it was when it was parsed.
pub(super) struct Taken {
    pub(super) value: Value,
    pub(super) bytes: usize,
}

/// What stands in for a value that did not come.
pub(super) enum Made {
    Not,
    By(Box<dyn Fn() -> Value + Send + Sync>),
}

impl Field {
    pub(super) fn new(variable: &'static dyn Variable, parse: Parse, show: Show) -> Self {
        Self {
            variable,
            keys: variable
                .header_name()
                .map(Cow::Borrowed)
                .map(Key::from)
                .into_iter()
                .collect(),
            member: variable.baggage_key(),
            max_len: MAX_LEN,
            transform: None,
            validate: None,
            parse,
            show,
            made: Made::Not,
            required: false,
            echo: false,
            write_request: false,
        }
    }

    /// The defaults of the one variable that every request has.
    pub(super) fn be_request_id(&mut self) {
        self.keys = vec![Key::known("x-request-id")];
        self.max_len = 128;
        self.made = Made::By(Box::new(|| REQUEST_ID.bind(RequestId::new_v4())));
        self.echo = true;
    }

    /// Whether there is a place to look for it.
    pub(super) fn has_key(&self) -> bool {
        !self.keys.is_empty() || self.member.is_some()
    }

    /// The first value of `source` that is valid and stands alone under its key.
    pub(super) fn read(
        &self,
        source: CarrierView<'_>,
        baggage: Option<&Baggage>,
        notes: &mut ExtractionNotes,
    ) -> Option<Taken> {
        for key in &self.keys {
            match self.read_key(source, key, &mut notes.brought) {
                Some(Ok(taken)) => return Some(taken),
                Some(Err(reason)) => notes.refuse(self.refuse(key.as_str(), reason)),
                None => {}
            }
        }
        let key = self.member?;
        let baggage = baggage?;
        let text = baggage.get(key)?;
        let read = match baggage.times(key) {
            1 => self.admit(text),
            times => Err(RejectReason::Several { times }),
        };
        read.map_err(|reason| notes.refuse(self.refuse(key, reason)))
            .ok()
    }

    /// Whether a value is told by the very text that it came in.
    pub(super) fn is_verbatim(&self) -> bool {
        self.transform.is_none() && self.variable.index() == REQUEST_ID.index()
    }

    pub(super) fn refuse(&self, key: &str, reason: RejectReason) -> Rejection {
        Rejection {
            variable: self.variable.name(),
            key: key.to_owned(),
            reason,
        }
    }

    /// The key that a message about the missing variable names, and that answers.
    pub(super) fn key(&self) -> &str {
        self.keys
            .first()
            .map(Key::as_str)
            .or(self.member)
            .unwrap_or(self.variable.name())
    }

    /// What a message calls the place that `key` stands for.
    pub(super) fn place_of(&self, key: &str) -> &'static str {
        if self.keys.iter().any(|header| header.as_str() == key) {
            "header"
        } else {
            "baggage member"
        }
    }

    #[cfg(feature = "http")]
    pub(crate) fn shown<'v>(&self, value: &'v Value) -> Option<&'v dyn Display> {
        (self.show)(value)
    }

    /// The header that tells the value.
    #[cfg(feature = "http")]
    pub(crate) fn header_name(&self) -> Option<&http::HeaderName> {
        self.keys.first()?.name()
    }

    fn read_key(
        &self,
        source: CarrierView<'_>,
        key: &Key,
        brought: &mut Option<EchoedHeader>,
    ) -> Option<Result<Taken, RejectReason>> {
        let read = source.only(key, |raw| {
            let taken = self.admit_raw(raw)?;
            if let (Origin::Header(header), None) = (raw.origin, &brought) {
                *brought = EchoedHeader::of(self, &taken.value, header);
            }
            Ok(taken)
        });
        read.unwrap_or_else(|times| Some(Err(RejectReason::Several { times })))
    }

    /// What stands in a header is printable ASCII, or nobody knows what the far end meant by it; a map of text says.
    fn admit_raw(&self, raw: RawValue<'_>) -> Result<Taken, RejectReason> {
        let bytes = raw.bytes;
        if bytes.len() > self.max_len {
            return Err(RejectReason::TooLong {
                bytes: bytes.len(),
                most: self.max_len,
            });
        }
        match std::str::from_utf8(bytes) {
            Ok("") => Err(RejectReason::Empty),
            Ok(text) if is_printable(bytes) => self.change(text),
            Ok(text) if matches!(raw.origin, Origin::Text) => self.admit(text),
            _ => Err(RejectReason::NotPrintable { bytes: bytes.len() }),
        }
    }

    fn admit(&self, text: &str) -> Result<Taken, RejectReason> {
        self.check(text)?;
        self.change(text)
    }

    /// Takes what has been checked. What a stranger wrote gets to code of a user here: if that panics for it, this is no
    /// value.
    fn change(&self, text: &str) -> Result<Taken, RejectReason> {
        catch_unwind(AssertUnwindSafe(|| self.change_or_panic(text)))
            .unwrap_or_else(|_| Err(RejectReason::Panics { bytes: text.len() }))
    }

    fn change_or_panic(&self, text: &str) -> Result<Taken, RejectReason> {
        match &self.transform {
            None => self.accept(text),
            Some(transform) => {
                let changed = transform(text);
                self.check(&changed)?;
                self.accept(&changed)
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

    fn accept(&self, text: &str) -> Result<Taken, RejectReason> {
        let bytes = text.len();
        match &self.validate {
            Some(validate) if !validate(text) => Err(RejectReason::Forbidden { bytes }),
            _ => (self.parse)(text).map(|value| Taken { value, bytes }),
        }
    }
}

/// Whether all is printable ASCII. Looks at every byte, whatever it has found, so that it takes many at once.
fn is_printable(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// What an error of a parser may say on a log: those of others could repeat what they were given.
pub(super) fn told(error: &dyn Any, bytes: usize) -> RejectReason {
    match error.downcast_ref::<InvalidRequestId>() {
        Some(error) => RejectReason::Told(error.to_string()),
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
