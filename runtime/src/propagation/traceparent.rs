//! `traceparent` and `tracestate` of W3C Trace Context, carried through unchanged.
//!
//! We make no spans: a hop that knows nothing of a trace forwards what it was given, so that the trace
//! does not break here.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::ContextVar;
#[cfg(feature = "request-id")]
use crate::entry::{CarrierView, Key, RawValue};

/// The position in a distributed trace that the caller sent, as it came.
///
/// It is taken in by every entry that trusts its caller and goes out with every injection; it stands on
/// no log line. An exporter that makes spans of its own writes its own header, which is never
/// overwritten.
pub static TRACEPARENT: ContextVar<TraceParent> =
    ContextVar::new("traceparent").header(TRACEPARENT_KEY);

/// What vendors along the trace have added to it, as it came.
pub static TRACESTATE: ContextVar<TraceState> =
    ContextVar::new("tracestate").header(TRACESTATE_KEY);

pub(crate) const TRACEPARENT_KEY: &str = "traceparent";
pub(crate) const TRACESTATE_KEY: &str = "tracestate";

/// Bytes of a `traceparent` of version 00: `00-<32 hex>-<16 hex>-<2 hex>`.
const VERSION_00_LENGTH: usize = 55;
/// More than any version of the standard needs; what is longer is noise.
const MAX_PARENT_LENGTH: usize = 256;
/// The standard asks for at least 512 characters to be carried.
const MAX_STATE_LENGTH: usize = 512;
const MAX_STATE_MEMBERS: usize = 32;

/// A valid `traceparent`, kept to the letter.
///
/// # Example
///
/// ```
/// use propagate_context::traceparent::TraceParent;
///
/// let parent: TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
/// assert_eq!(parent.trace_id(), "0af7651916cd43dd8448eb211c80319c");
/// assert!("00-00000000000000000000000000000000-b7ad6b7169203331-01".parse::<TraceParent>().is_err());
/// # Ok::<(), propagate_context::traceparent::InvalidTrace>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent(Arc<str>);

impl TraceParent {
    /// The 32 hexadecimal digits that all hops of the trace share.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.0[3..35]
    }

    /// The header's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TraceParent {
    type Err = InvalidTrace;

    fn from_str(text: &str) -> Result<Self, InvalidTrace> {
        if is_parent(text.as_bytes()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidTrace {
                header: TRACEPARENT_KEY,
                length: text.len(),
            })
        }
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A well-formed `tracestate`, kept to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceState(Arc<str>);

impl TraceState {
    /// The header's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TraceState {
    type Err = InvalidTrace;

    fn from_str(text: &str) -> Result<Self, InvalidTrace> {
        if is_state(text) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidTrace {
                header: TRACESTATE_KEY,
                length: text.len(),
            })
        }
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says that a header of W3C Trace Context breaks its grammar; the value is not repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTrace {
    header: &'static str,
    length: usize,
}

impl fmt::Display for InvalidTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { header, length } = self;
        write!(f, "not a `{header}` of W3C Trace Context ({length} bytes)")
    }
}

impl Error for InvalidTrace {}

/// Both headers, if the first is there once and valid: the standard forbids to use a `tracestate` alone.
#[cfg(feature = "request-id")]
pub(crate) fn read(source: CarrierView<'_>) -> Option<(TraceParent, Option<TraceState>)> {
    static KEY: Key = Key::known(TRACEPARENT_KEY);
    let parse = |raw: RawValue<'_>| {
        let text = std::str::from_utf8(raw.bytes).ok()?;
        text.trim_matches([' ', '\t']).parse().ok()
    };
    let parent = source.only(&KEY, parse).ok()???;
    Some((parent, read_state(source)))
}

/// `tracestate` may be spread over several headers, to be joined in their order.
#[cfg(feature = "request-id")]
fn read_state(source: CarrierView<'_>) -> Option<TraceState> {
    static KEY: Key = Key::known(TRACESTATE_KEY);
    let mut joined = String::new();
    let mut sound = true;
    source.visit(&KEY, |raw| match std::str::from_utf8(raw.bytes) {
        Ok(text) if joined.len() + text.len() < MAX_STATE_LENGTH * 2 => {
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(text.trim_matches([' ', '\t']));
        }
        _ => sound = false,
    });
    joined.parse().ok().filter(|_| sound)
}

fn is_parent(text: &[u8]) -> bool {
    let hex = |from: usize, to: usize| {
        text[from..to]
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zeros = |from: usize, to: usize| text[from..to].iter().all(|byte| *byte == b'0');

    if text.len() < VERSION_00_LENGTH || text.len() > MAX_PARENT_LENGTH {
        return false;
    }
    let version = &text[..2];
    let length_fits = match text.len() {
        VERSION_00_LENGTH => true,
        // Later versions may append fields after a dash.
        _ => version != b"00" && text[VERSION_00_LENGTH] == b'-',
    };
    length_fits
        && hex(0, 2)
        && version != b"ff"
        && text[2] == b'-'
        && hex(3, 35)
        && !zeros(3, 35)
        && text[35] == b'-'
        && hex(36, 52)
        && !zeros(36, 52)
        && text[52] == b'-'
        && hex(53, 55)
        && text[55..].iter().all(u8::is_ascii_graphic)
}

fn is_state(text: &str) -> bool {
    if text.is_empty() || text.len() > MAX_STATE_LENGTH {
        return false;
    }
    let mut members = 0;
    for member in text.split(',') {
        let member = member.trim_matches([' ', '\t']);
        // Empty members are allowed: they come from joined headers.
        if member.is_empty() {
            continue;
        }
        members += 1;
        let Some((key, value)) = member.split_once('=') else {
            return false;
        };
        let key_is_sound = matches!(key.bytes().next(), Some(b'a'..=b'z' | b'0'..=b'9'))
            && key
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@'));
        let value_is_sound =
            !value.is_empty() && value.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'=');
        if !key_is_sound || !value_is_sound {
            return false;
        }
    }
    (1..=MAX_STATE_MEMBERS).contains(&members)
}
