//! The `baggage` header of W3C Baggage.

use std::fmt::{self, Write as _};

use crate::propagation::carrier::Carrier;
use crate::util::http_token::is_http_token;

/// The name of the header.
pub const KEY: &str = "baggage";
/// The most members that a `baggage` header may have.
pub const MAX_MEMBERS: usize = 64;
/// The most bytes that a `baggage` header may have.
pub const MAX_BYTES: usize = 8192;

/// A `baggage` header, member by member.
///
/// Variables that are declared with [`ContextVar::baggage`](crate::ContextVar::baggage) are taken out of
/// it and put into it; this type is for reading or writing such a header by hand.
///
/// Parsing never fails: a member that breaks the grammar, or with which the header would be larger than
/// the standard's 64 members and 8192 bytes, is dropped whole, and [`Baggage::dropped`] counts it.
///
/// # Example
///
/// ```
/// use propagate_context::baggage::Baggage;
///
/// let baggage = Baggage::parse("tenant=M%C3%BCller;verified, region = eu");
/// assert_eq!(baggage.get("tenant"), Some("Müller"));
/// assert_eq!(baggage.to_string(), "tenant=M%C3%BCller;verified,region=eu");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baggage {
    members: Vec<Member>,
    bytes: usize,
    dropped: usize,
    /// The keys of members that were dropped: they are there, if not to be read.
    dropped_keys: Vec<String>,
}

/// One `key=value;properties`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    key: String,
    value: String,
    properties: String,
}

impl Member {
    /// The member's key: compared with regard to case, as the standard says.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value, decoded.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What follows the first `;`, verbatim; empty if there is nothing.
    #[must_use]
    pub fn properties(&self) -> &str {
        &self.properties
    }

    fn encoded_len(&self) -> usize {
        let value: usize = self
            .value
            .bytes()
            .map(|byte| if is_plain(byte) { 1 } else { 3 })
            .sum();
        let properties = match self.properties.len() {
            0 => 0,
            length => 1 + length,
        };
        self.key.len() + 1 + value + properties
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        f.write_char('=')?;
        for byte in self.value.bytes() {
            if is_plain(byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        if !self.properties.is_empty() {
            write!(f, ";{}", self.properties)?;
        }
        Ok(())
    }
}

impl Baggage {
    /// Baggage without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a header's value.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        let mut baggage = Self::new();
        baggage.extend(header);
        baggage
    }

    /// Reads a further header of the same name, which continues the list.
    pub fn extend(&mut self, header: &str) {
        for text in header.split(',') {
            let text = text.trim_matches([' ', '\t']);
            if text.is_empty() {
                continue;
            }
            match parse_member(text) {
                Some(member) => {
                    self.push(member);
                }
                None => self.note_dropped(key_of(text)),
            }
        }
    }

    /// The value of `key`, decoded: the last one, if it occurs more than once.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.member(key).map(Member::value)
    }

    /// The member of `key`: the last one, if it occurs more than once.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members.iter().rev().find(|member| member.key == key)
    }

    /// How often `key` occurs, dropped members included: else a client could make the member of a proxy exceed a limit,
    /// and have its own read.
    #[cfg(feature = "request-id")]
    pub(crate) fn times(&self, key: &str) -> usize {
        let keys = self.members.iter().map(Member::key);
        let dropped = self.dropped_keys.iter().map(String::as_str);
        keys.chain(dropped).filter(|other| *other == key).count()
    }

    fn note_dropped(&mut self, key: &str) {
        self.dropped += 1;
        self.dropped_keys.push(key.to_owned());
    }

    /// The length of the header.
    #[cfg(feature = "request-id")]
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// All members, in their order.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// Adds a member, if there is none of this key; says whether the key is in the baggage now.
    ///
    /// `properties` are what follows the value's `;` (`""` for none).
    pub fn add(&mut self, key: &str, value: &str, properties: &str) -> bool {
        if self.member(key).is_some() {
            return true;
        }
        if !is_http_token(key) || !(properties.is_empty() || are_properties(properties)) {
            self.note_dropped(key);
            return false;
        }
        self.push(Member {
            key: key.to_owned(),
            value: value.to_owned(),
            properties: in_spaces(properties),
        })
    }

    /// How many members have been dropped, since they were malformed or exceeded a limit.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Keeps the header within the limits, so that `to_string` always is.
    fn push(&mut self, member: Member) -> bool {
        let comma = usize::from(!self.members.is_empty());
        let bytes = self.bytes + comma + member.encoded_len();
        let fits = self.members.len() < MAX_MEMBERS && bytes <= MAX_BYTES;
        if fits {
            self.bytes = bytes;
            self.members.push(member);
        } else {
            self.note_dropped(&member.key);
        }
        fits
    }
}

impl fmt::Display for Baggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, member) in self.members.iter().enumerate() {
            if index > 0 {
                f.write_char(',')?;
            }
            write!(f, "{member}")?;
        }
        Ok(())
    }
}

/// The `baggage` of a carrier, however many headers it is spread over; `None` where there is none.
pub(crate) fn read(carrier: &dyn Carrier) -> Option<Baggage> {
    let mut baggage: Option<Baggage> = None;
    carrier.visit(KEY, &mut |header| {
        // Where that replaces something, the member is malformed.
        let header = String::from_utf8_lossy(header);
        baggage.get_or_insert_default().extend(&header);
    });
    baggage
}

/// The warning about baggage that was malformed or exceeded a limit.
pub(crate) struct Dropped(pub(crate) usize);

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "dropped {} members of `baggage`: malformed, or more than {MAX_MEMBERS} members or {MAX_BYTES} bytes",
            self.0
        )
    }
}

/// The key of a member, well-formed or not.
fn key_of(member: &str) -> &str {
    let end = member.find([';', '=']).unwrap_or(member.len());
    member[..end].trim_matches([' ', '\t'])
}

/// Whether anybody may take it for a member of one of `keys`: others decode keys, and trim all that Unicode calls a space.
#[cfg(feature = "http")]
pub(crate) fn may_be_of(member: &str, keys: &[&str]) -> bool {
    let decoded = decode(key_of(member));
    let read = decoded.trim();
    keys.iter().any(|key| key.eq_ignore_ascii_case(read))
}

fn parse_member(text: &str) -> Option<Member> {
    // Nothing longer can fit, and it must not be decoded first to find that out.
    if text.len() > MAX_BYTES {
        return None;
    }
    let (pair, properties) = match text.split_once(';') {
        Some((pair, properties)) => (pair, properties.trim_matches([' ', '\t'])),
        None => (text, ""),
    };
    let (key, value) = pair.split_once('=')?;
    let key = key.trim_matches([' ', '\t']);
    let value = value.trim_matches([' ', '\t']);
    let sound = is_http_token(key)
        && value.bytes().all(|byte| byte == b'%' || is_plain(byte))
        && (!text.contains(';') || are_properties(properties));
    sound.then(|| Member {
        key: key.to_owned(),
        value: decode(value),
        properties: in_spaces(properties),
    })
}

/// A tab is the same as a space between tokens, and not every carrier can hold one.
fn in_spaces(properties: &str) -> String {
    properties.replace('\t', " ")
}

/// Undoes percent-encoding. A `%` without two digits is kept; what is not UTF-8 becomes U+FFFD.
fn decode(value: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (
            bytes[at],
            digit(bytes.get(at + 1)),
            digit(bytes.get(at + 2)),
        ) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// A `baggage-octet` that needs no encoding: printable ASCII without space, `"`, `,`, `;`, `\` and `%`.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'$' | b'&'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~')
}

/// Whether all are properties of the standard: a key, or `key=value`. They are kept verbatim.
fn are_properties(properties: &str) -> bool {
    properties.split(';').all(|property| {
        let (key, value) = property.split_once('=').unwrap_or((property, ""));
        is_http_token(key.trim_matches([' ', '\t']))
            && value
                .trim_matches([' ', '\t'])
                .bytes()
                .all(|byte| byte == b'%' || is_plain(byte))
    })
}
