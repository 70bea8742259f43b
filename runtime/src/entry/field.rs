//! One variable of an entry, whatever its type.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

use super::refusal::{Reason, Refusal};
use crate::baggage::Baggage;
use crate::carrier::Carrier;
use crate::request_id::{InvalidRequestId, REQUEST_ID, RequestId};
use crate::table::Value;
use crate::var::Variable;

/// Enough for an id, a tenant, a locale; what is longer belongs into a body.
const MAX_LEN: usize = 1024;

type Parse = Box<dyn Fn(&str) -> Result<Value, Reason> + Send + Sync>;
type Transform = Box<dyn Fn(&str) -> String + Send + Sync>;
type Validate = Box<dyn Fn(&str) -> bool + Send + Sync>;
type Write = Box<dyn Fn(&Value) -> Option<String> + Send + Sync>;

pub(crate) struct Field {
    pub(crate) variable: &'static dyn Variable,
    pub(super) keys: Vec<Cow<'static, str>>,
    pub(super) member: Option<&'static str>,
    pub(super) max_len: usize,
    pub(super) transform: Option<Transform>,
    pub(super) validate: Option<Validate>,
    parse: Parse,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only HTTP answers"))]
    write: Write,
    pub(super) made: Made,
    pub(super) required: bool,
    pub(crate) echo: bool,
    pub(crate) write_request: bool,
    /// The first of the keys, made once.
    #[cfg(feature = "http")]
    header_name: std::sync::OnceLock<Option<http::HeaderName>>,
}

/// What stands in for a value that did not come.
pub(super) enum Made {
    Not,
    By(Box<dyn Fn() -> Value + Send + Sync>),
}

impl Field {
    pub(super) fn new(variable: &'static dyn Variable, parse: Parse, write: Write) -> Self {
        Self {
            variable,
            keys: variable
                .header_name()
                .map(Cow::Borrowed)
                .into_iter()
                .collect(),
            member: variable.baggage_key(),
            max_len: MAX_LEN,
            transform: None,
            validate: None,
            parse,
            write,
            made: Made::Not,
            required: false,
            echo: false,
            write_request: false,
            #[cfg(feature = "http")]
            header_name: std::sync::OnceLock::new(),
        }
    }

    /// The defaults of the one variable that every request has.
    pub(super) fn be_request_id(&mut self) {
        self.keys = vec![Cow::Borrowed("x-request-id")];
        self.max_len = 128;
        self.made = Made::By(Box::new(|| REQUEST_ID.bind(RequestId::new_v4())));
        self.echo = true;
    }

    /// Whether there is a place to look for it.
    pub(super) fn has_key(&self) -> bool {
        !self.keys.is_empty() || self.member.is_some()
    }

    /// The first value of `carrier` that is valid and stands alone under its key.
    pub(super) fn read(
        &self,
        carrier: &dyn Carrier,
        baggage: Option<&Baggage>,
        refusals: &mut Vec<Refusal>,
    ) -> Option<(Value, usize)> {
        for key in &self.keys {
            match self.read_key(carrier, key) {
                Some(Ok(taken)) => return Some(taken),
                Some(Err(reason)) => refusals.push(self.refuse(key, reason)),
                None => {}
            }
        }
        let key = self.member?;
        let text = baggage?.get(key)?;
        match self.admit(text) {
            Ok(value) => Some((value, text.len())),
            Err(reason) => {
                refusals.push(self.refuse(key, reason));
                None
            }
        }
    }

    pub(super) fn refuse(&self, key: &str, reason: Reason) -> Refusal {
        Refusal {
            variable: self.variable.name(),
            key: key.to_owned(),
            reason,
        }
    }

    /// The key that a message about the missing variable names, and that answers.
    pub(super) fn key(&self) -> &str {
        self.keys
            .first()
            .map(Cow::as_ref)
            .or(self.member)
            .unwrap_or(self.variable.name())
    }

    #[cfg(feature = "http")]
    pub(crate) fn written(&self, value: &Value) -> Option<String> {
        (self.write)(value)
    }

    /// The header that tells the value.
    #[cfg(feature = "http")]
    pub(crate) fn header_name(&self) -> Option<&http::HeaderName> {
        self.header_name
            .get_or_init(|| match self.keys.first()? {
                // Without a count of references that every request would have to move.
                Cow::Borrowed(key) if !key.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                    Some(http::HeaderName::from_static(key))
                }
                key => http::HeaderName::from_bytes(key.as_bytes()).ok(),
            })
            .as_ref()
    }

    fn read_key(&self, carrier: &dyn Carrier, key: &str) -> Option<Result<(Value, usize), Reason>> {
        let mut times = 0;
        let mut first = None;
        carrier.visit(key, &mut |bytes| {
            times += 1;
            if times == 1 {
                first = Some(self.admit_bytes(bytes).map(|value| (value, bytes.len())));
            }
        });
        match times {
            0 | 1 => first,
            _ => Some(Err(Reason::Several { times })),
        }
    }

    /// What stands in a header is printable ASCII, or nobody knows what the far end meant by it.
    fn admit_bytes(&self, bytes: &[u8]) -> Result<Value, Reason> {
        if bytes.len() > self.max_len {
            return Err(Reason::TooLong {
                bytes: bytes.len(),
                most: self.max_len,
            });
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) => self.admit(text),
            _ => Err(Reason::NotPrintable { bytes: bytes.len() }),
        }
    }

    fn admit(&self, text: &str) -> Result<Value, Reason> {
        self.check(text)?;
        match &self.transform {
            None => self.accept(text),
            Some(transform) => {
                let changed = transform(text);
                self.check(&changed)?;
                self.accept(&changed)
            }
        }
    }

    fn check(&self, text: &str) -> Result<(), Reason> {
        let bytes = text.len();
        if bytes == 0 {
            Err(Reason::Empty)
        } else if bytes > self.max_len {
            Err(Reason::TooLong {
                bytes,
                most: self.max_len,
            })
        } else if text.chars().any(char::is_control) {
            Err(Reason::NotPrintable { bytes })
        } else {
            Ok(())
        }
    }

    fn accept(&self, text: &str) -> Result<Value, Reason> {
        match &self.validate {
            Some(validate) if !validate(text) => Err(Reason::Forbidden { bytes: text.len() }),
            _ => (self.parse)(text),
        }
    }
}

/// What an error of a parser may say on a log: those of others could repeat what they were given.
pub(super) fn told(error: &dyn Any, bytes: usize) -> Reason {
    match error.downcast_ref::<InvalidRequestId>() {
        Some(error) => Reason::Told(error.to_string()),
        None => Reason::NotValid { bytes },
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
