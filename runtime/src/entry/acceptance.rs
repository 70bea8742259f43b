//! The checks that an entry applies to an extracted value.

use std::any::Any;

use super::field::{Extracted, Field};
use super::rejection::RejectReason;
use super::source::{Origin, RawValue};
use crate::request_id::InvalidRequestId;
use crate::util::caught::caught;

impl Field {
    /// Checks and parses a raw value. A header's value must be printable ASCII, since the encoding of other bytes is
    /// not known. The values of a map of text may contain any UTF-8.
    pub(super) fn accept_raw(&self, raw: RawValue<'_>) -> Result<Extracted, RejectReason> {
        let bytes = raw.bytes;
        if bytes.len() > self.max_len {
            return Err(RejectReason::TooLong {
                bytes: bytes.len(),
                most: self.max_len,
            });
        }
        let text = std::str::from_utf8(bytes);
        if let (true, Ok(text)) = (self.is_unchanged_id(), text) {
            // A valid id passes all the other checks as well.
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

    pub(super) fn accept_unchecked_text(&self, text: &str) -> Result<Extracted, RejectReason> {
        self.check(text)?;
        self.accept_or_catch(text)
    }

    /// Parses text that has already been checked. This passes untrusted input to user code: if that code panics, the
    /// value is rejected.
    pub(super) fn accept_or_catch(&self, text: &str) -> Result<Extracted, RejectReason> {
        if self.is_unchanged_id() {
            // The parser of `RequestId` does not panic.
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

/// Whether all bytes are printable ASCII. Does not stop at the first other byte, so that the loop can be vectorized.
fn is_printable(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// The part of a parser's error that may be logged: the text of an unknown error could repeat its input.
pub(super) fn describe(error: &dyn Any, bytes: usize) -> RejectReason {
    match error.downcast_ref::<InvalidRequestId>() {
        Some(error) => RejectReason::Described(error.to_string()),
        None => RejectReason::NotValid { bytes },
    }
}
