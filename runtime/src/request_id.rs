//! `RequestId`: the request id that is on every log line of a request, and the variable that holds it.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use crate::var::ContextVar;

/// The id of the request that the current context belongs to. It is logged as `request_id` and sent as `X-Request-ID`.
pub static REQUEST_ID: ContextVar<RequestId> = ContextVar::new("request_id")
    .logged_text()
    .header("X-Request-ID")
    .flat();

/// The maximum length of an id: that of the longest ids that a cloud provider accepts (Heroku).
pub(crate) const MAX_LEN: usize = 200;

/// An id that is safe in log lines and headers: 1 to 200 characters of `[A-Za-z0-9._:@/+=-]`, without the path segments
/// `.` and `..`.
/// Every constructor validates, including deserialization (feature `serde`), so an id is never empty or invalid. In a
/// URL it has to be percent-encoded like any other text: `+` means a space in a query. It is not safe as a file name:
/// it may contain `/` and `:`, and begin with `/`. A clone increments one reference count.
///
/// ```
/// use propagate_context::RequestId;
///
/// let id: RequestId = "order-42".parse().unwrap();
/// assert_eq!(id.as_str(), "order-42");
/// assert!("two words".parse::<RequestId>().is_err());
/// assert_eq!(RequestId::new_v4().as_str().len(), 36);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Generates a random id: a UUID of version 4, with hyphens ([RFC 9562, 5.4]).
    ///
    /// It reveals nothing about the host or the clock. Its first characters are evenly distributed, as samplers
    /// require.
    ///
    /// [RFC 9562, 5.4]: https://www.rfc-editor.org/rfc/rfc9562#section-5.4
    #[must_use]
    pub fn new_v4() -> Self {
        Self::of_uuid(Uuid::new_v4())
    }

    /// Generates an id that sorts by time: a UUID of version 7, with hyphens ([RFC 9562, 5.7]).
    ///
    /// Use it for ids that are indexed. Ids generated within the same minute have the same first characters, so do not
    /// sample by those.
    ///
    /// [RFC 9562, 5.7]: https://www.rfc-editor.org/rfc/rfc9562#section-5.7
    #[must_use]
    pub fn new_v7() -> Self {
        Self::of_uuid(Uuid::now_v7())
    }

    fn of_uuid(uuid: Uuid) -> Self {
        let mut buffer = Uuid::encode_buffer();
        Self(Arc::from(&*uuid.hyphenated().encode_lower(&mut buffer)))
    }

    /// Generates a random id of 32 hexadecimal digits: a UUID of version 4 without hyphens.
    ///
    /// ```
    /// use propagate_context::RequestId;
    ///
    /// assert_eq!(RequestId::new_simple().as_str().len(), 32);
    /// ```
    #[must_use]
    pub fn new_simple() -> Self {
        let mut buffer = Uuid::encode_buffer();
        Self(Arc::from(
            &*Uuid::new_v4().simple().encode_lower(&mut buffer),
        ))
    }

    /// Generates a random id of `length` hexadecimal digits, at least 8 and at most 32, for logs that people read.
    ///
    /// Collisions become more likely with every digit less: with 12 digits, expect one among about 20 million ids.
    ///
    /// ```
    /// use propagate_context::RequestId;
    ///
    /// assert_eq!(RequestId::new_short(12).as_str().len(), 12);
    /// ```
    #[must_use]
    pub fn new_short(length: usize) -> Self {
        let mut buffer = Uuid::encode_buffer();
        // The last digits, since the first half contains the UUID's version.
        let digits = Uuid::new_v4().simple().encode_lower(&mut buffer);
        Self(Arc::from(&digits[32 - length.clamp(8, 32)..]))
    }

    /// Returns the id as a string slice.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The error for a string that is not a valid [`RequestId`]. It does not contain the string, which may be untrusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRequestId {
    /// The string is empty.
    Empty,
    /// The string is longer than 200 bytes.
    TooLong {
        /// The length in bytes.
        bytes: usize,
    },
    /// A character is not in `[A-Za-z0-9._:@/+=-]`.
    Forbidden {
        /// The byte offset of the character.
        at: usize,
    },
    /// A segment between slashes is `.` or `..`, which clients and proxies remove from the path of a URL, and which
    /// could escape a directory.
    DotSegment,
}

impl fmt::Display for InvalidRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the id is empty"),
            Self::TooLong { bytes } => write!(f, "the id has {bytes} bytes, more than {MAX_LEN}"),
            Self::Forbidden { at } => {
                write!(
                    f,
                    "the id has a character at byte {at} that is not one of `[A-Za-z0-9._:@/+=-]`"
                )
            }
            Self::DotSegment => f.write_str("the id has a path segment `.` or `..`"),
        }
    }
}

impl Error for InvalidRequestId {}

impl TryFrom<&str> for RequestId {
    type Error = InvalidRequestId;

    fn try_from(text: &str) -> Result<Self, InvalidRequestId> {
        match text.len() {
            0 => Err(InvalidRequestId::Empty),
            bytes if bytes > MAX_LEN => Err(InvalidRequestId::TooLong { bytes }),
            _ => {
                let flags = flags_of_all(text.as_bytes());
                if flags & FORBIDDEN != 0 {
                    let is_allowed = |byte: &u8| flags_of(*byte) & FORBIDDEN == 0;
                    let at = text.bytes().take_while(is_allowed).count();
                    Err(InvalidRequestId::Forbidden { at })
                } else if flags & DOT != 0 && has_dot_segment(text) {
                    Err(InvalidRequestId::DotSegment)
                } else {
                    Ok(Self(Arc::from(text)))
                }
            }
        }
    }
}

/// The flag of a byte that is not allowed in an id.
const FORBIDDEN: u8 = 1;
/// The flag of a dot, which may be part of a dot segment.
const DOT: u8 = 2;

/// The flags of each byte. A table takes fewer instructions for an id than comparisons that the compiler vectorizes: 166
/// instead of 264 for 36 bytes, measured.
static FLAGS: [u8; 256] = {
    let mut flags = [FORBIDDEN; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        flags[byte as usize] = match byte {
            b'.' => DOT,
            b'_' | b':' | b'@' | b'/' | b'+' | b'=' | b'-' => 0,
            _ if byte.is_ascii_alphanumeric() => 0,
            _ => FORBIDDEN,
        };
        byte += 1;
    }
    flags
};

fn flags_of(byte: u8) -> u8 {
    FLAGS[usize::from(byte)]
}

/// The flags of all of these bytes. This runs for every request, so it looks at each byte without a branch.
fn flags_of_all(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |flags, byte| flags | flags_of(*byte))
}

fn has_dot_segment(text: &str) -> bool {
    text.split('/').any(|segment| matches!(segment, "." | ".."))
}

impl TryFrom<String> for RequestId {
    type Error = InvalidRequestId;

    fn try_from(text: String) -> Result<Self, InvalidRequestId> {
        text.as_str().try_into()
    }
}

impl FromStr for RequestId {
    type Err = InvalidRequestId;

    fn from_str(text: &str) -> Result<Self, InvalidRequestId> {
        text.try_into()
    }
}

impl AsRef<str> for RequestId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&self.as_str()).finish()
    }
}

/// Serialized as a string; validated when deserialized.
#[cfg(feature = "serde")]
mod wire {
    use serde::de::{Deserialize, Deserializer, Error as _};
    use serde::ser::{Serialize, Serializer};

    use super::RequestId;

    impl Serialize for RequestId {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self.as_str())
        }
    }

    impl<'de> Deserialize<'de> for RequestId {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            text.try_into().map_err(D::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_allowed_or_forbidden_as_documented() {
        for byte in 0..=u8::MAX {
            let is_allowed = byte.is_ascii_alphanumeric() || b"._:@/+=-".contains(&byte);
            let flags = if byte == b'.' { DOT } else { 0 };
            let flags = if is_allowed { flags } else { FORBIDDEN };
            assert_eq!(flags_of(byte), flags, "{byte}");
        }
    }
}
