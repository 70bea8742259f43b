//! `traceparent` and `tracestate` of [W3C Trace Context](https://www.w3.org/TR/trace-context/), forwarded to other
//! processes.
//!
//! This crate does not create spans. A service without a tracer forwards the headers that it received, so that the
//! trace is not interrupted there.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::ContextVar;

/// The caller's position in a distributed trace.
///
/// Every entry that trusts its caller extracts it, and every injection forwards it. It is not logged; with
/// [`logged_trace_id`](crate::entry::Entry::logged_trace_id) its trace id is. An exporter that creates its own spans
/// writes its own header, which is never overwritten.
pub static TRACEPARENT: ContextVar<TraceParent> =
    ContextVar::new("traceparent").header(TRACEPARENT_KEY);

/// Vendor-specific data of the trace.
pub static TRACESTATE: ContextVar<TraceState> =
    ContextVar::new("tracestate").header(TRACESTATE_KEY);

/// The id of the caller's trace, logged as `trace_id`. It is set by entries with
/// [`logged_trace_id`](crate::entry::Entry::logged_trace_id).
pub static TRACE_ID: ContextVar<TraceId> = ContextVar::new("trace_id").logged();

pub(crate) const TRACEPARENT_KEY: &str = "traceparent";
pub(crate) const TRACESTATE_KEY: &str = "tracestate";

/// The length in bytes of a `traceparent` of version 00: `00-<32 hex>-<16 hex>-<2 hex>`.
const VERSION_00_LENGTH: usize = 55;
/// A limit that no current version of the standard reaches.
const MAX_PARENT_LENGTH: usize = 256;
/// The standard requires that at least 512 characters are propagated.
const MAX_STATE_LENGTH: usize = 512;
/// The length above which members are removed first from a header that is too long.
const MAX_LONG_STATE_MEMBER: usize = 128;
/// The maximum length of a header that is read; longer ones are rejected.
const MAX_STATE_READ: usize = 8192;
const MAX_STATE_MEMBERS: usize = 32;
/// The maximum length of a member's key, and of its value.
const MAX_STATE_PART_LENGTH: usize = 256;

/// A valid `traceparent`.
///
/// The value is kept verbatim. The only exception is a version later than 00 with additional fields that are not
/// printable ASCII: it is reduced to the fields of version 00, as the standard does for all later versions.
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

/// A well-formed `tracestate`.
///
/// The value is kept verbatim, with two exceptions. For duplicate keys, which the standard does not allow, only the
/// first entry, which is the most recent, is kept. If the value is longer than 512 characters, whole entries are
/// removed in the order that the standard recommends: first those of more than 128 characters, then any others,
/// starting from the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceState(Arc<str>);

/// The trace id of a [`TraceParent`]: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(TraceParent);

impl TraceParent {
    /// Returns the 32 hexadecimal digits that all spans of the trace share.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.0[3..35]
    }

    /// Returns the value of the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_bytes(text: &[u8]) -> Result<Self, InvalidTrace> {
        let invalid = InvalidTrace {
            header: TRACEPARENT_KEY,
            length: text.len(),
        };
        if !is_parent(text) {
            return Err(invalid);
        }
        match std::str::from_utf8(text) {
            Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Self(text.into())),
            // The fields of a later version are unknown, and so is whether they can be forwarded.
            _ => match std::str::from_utf8(&text[2..VERSION_00_LENGTH]) {
                Ok(fields) => Ok(Self(format!("00{fields}").into())),
                Err(_) => Err(invalid),
            },
        }
    }
}

impl TraceState {
    /// Returns the value of the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TraceId {
    /// Returns the 32 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.trace_id()
    }
}

impl From<TraceParent> for TraceId {
    fn from(parent: TraceParent) -> Self {
        Self(parent)
    }
}

impl FromStr for TraceParent {
    type Err = InvalidTrace;

    fn from_str(text: &str) -> Result<Self, InvalidTrace> {
        Self::from_bytes(text.as_bytes())
    }
}

impl FromStr for TraceState {
    type Err = InvalidTrace;

    fn from_str(text: &str) -> Result<Self, InvalidTrace> {
        let state = match check_state(text) {
            Some(Kept::Verbatim) => Some(text.into()),
            Some(Kept::InPart) => kept_state(text).map(Arc::from),
            None => None,
        };
        state.map(Self).ok_or(InvalidTrace {
            header: TRACESTATE_KEY,
            length: text.len(),
        })
    }
}

macro_rules! display_as_str {
    ($($type:ty),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
display_as_str!(TraceParent, TraceState, TraceId);

/// The error for a malformed header of W3C Trace Context. It does not contain the value.
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

/// Joins the `tracestate` of several headers.
#[cfg(feature = "request-id")]
#[derive(Default)]
pub(crate) struct StateParts {
    joined: String,
    malformed: bool,
}

#[cfg(feature = "request-id")]
impl StateParts {
    pub(crate) fn push(&mut self, header: &[u8]) {
        match std::str::from_utf8(header) {
            Ok(text) if self.joined.len() + text.len() < MAX_STATE_READ => {
                if !self.joined.is_empty() {
                    self.joined.push(',');
                }
                self.joined.push_str(text.trim_matches([' ', '\t']));
            }
            _ => self.malformed = true,
        }
    }

    pub(crate) fn finish(self) -> Option<TraceState> {
        self.joined.parse().ok().filter(|_| !self.malformed)
    }
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
}

/// How much of a well-formed `tracestate` is kept.
enum Kept {
    Verbatim,
    /// A key occurs more than once, or the header is too long.
    InPart,
}

/// Returns `None` if the value is malformed.
fn check_state(text: &str) -> Option<Kept> {
    if text.len() > MAX_STATE_READ || text.split(',').count() > MAX_STATE_MEMBERS {
        return None;
    }
    let mut keys = [""; MAX_STATE_MEMBERS];
    let mut members = 0;
    let mut duplicates = false;
    for member in state_members(text) {
        let (key, value) = member.split_once('=')?;
        let is_key = key.len() <= MAX_STATE_PART_LENGTH
            && matches!(key.bytes().next(), Some(b'a'..=b'z' | b'0'..=b'9'))
            && key
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@'));
        let is_value = (1..=MAX_STATE_PART_LENGTH).contains(&value.len())
            && value.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'=');
        if !is_key || !is_value {
            return None;
        }
        duplicates |= keys[..members].contains(&key);
        keys[members] = key;
        members += 1;
    }
    match members {
        0 => None,
        _ if duplicates || text.len() > MAX_STATE_LENGTH => Some(Kept::InPart),
        _ => Some(Kept::Verbatim),
    }
}

/// Removes duplicate keys, and members that exceed the limit. Returns `None` if nothing is left.
#[cold]
fn kept_state(text: &str) -> Option<String> {
    fn key(member: &str) -> &str {
        member.split('=').next().unwrap_or_default()
    }

    let mut members: Vec<&str> = Vec::new();
    for member in state_members(text) {
        if members.iter().all(|other| key(other) != key(member)) {
            members.push(member);
        }
    }
    let length = |members: &[&str]| members.iter().map(|member| member.len() + 1).sum::<usize>();
    // There is one comma less than members.
    while length(&members) > MAX_STATE_LENGTH + 1 {
        let long = |member: &&str| member.len() > MAX_LONG_STATE_MEMBER;
        let last = members.iter().rposition(long);
        members.remove(last.unwrap_or(members.len() - 1));
    }
    (!members.is_empty()).then(|| members.join(","))
}

/// Iterates over the members, skipping empty ones, which result from joined headers. The standard allows them, and
/// counts them.
fn state_members(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(|member| member.trim_matches([' ', '\t']))
        .filter(|member| !member.is_empty())
}
