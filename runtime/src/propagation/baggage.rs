//! The `baggage` header of W3C Baggage.

use std::fmt::{self, Write as _};

use crate::propagation::carrier::Carrier;
use crate::util::http_token::is_http_token;

/// The name of the header.
pub const KEY: &str = "baggage";
/// The maximum number of members of a `baggage` header.
pub const MAX_MEMBERS: usize = 64;
/// The maximum length in bytes of a `baggage` header.
pub const MAX_BYTES: usize = 8192;

/// A parsed `baggage` header.
///
/// Variables that are declared with [`ContextVar::baggage`](crate::ContextVar::baggage) are read from and written to
/// this header automatically; use this type to read or write one by hand.
///
/// Parsing never fails. A member is dropped if it is malformed, or if the header would exceed the standard's limits of
/// 64 members and 8192 bytes; [`Baggage::dropped`] counts such members.
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
    /// The keys of dropped members, which still count as present in the header.
    dropped_keys: Vec<String>,
}

/// A member of the form `key=value;properties`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    key: String,
    value: String,
    properties: String,
}

impl Member {
    /// The member's key. Keys are case-sensitive, as the standard requires.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The decoded value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The text after the first `;`, verbatim; empty if there is none.
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
    /// Creates baggage without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses the value of a header.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        let mut baggage = Self::new();
        baggage.extend(header);
        baggage
    }

    /// Parses another header of the same name, which continues the list.
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

    /// Returns the decoded value of `key`: the last one if the key occurs more than once.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.member(key).map(Member::value)
    }

    /// Returns the member with `key`: the last one if the key occurs more than once.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members.iter().rev().find(|member| member.key == key)
    }

    /// How often `key` occurs, including dropped members. Otherwise a client could make a proxy's member exceed a
    /// limit, and have its own member read instead.
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

    /// The length of the header in bytes.
    #[cfg(feature = "request-id")]
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Iterates over all members in order.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// Adds a member unless the key is already present. Returns whether the key is in the baggage afterwards.
    ///
    /// `properties` is the text after the value's `;` (`""` for none).
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

    /// The number of members that have been dropped because they were malformed or exceeded a limit.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether the baggage has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Drops members that exceed the limits, so that the output of `to_string` is always within them.
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

/// Reads the `baggage` of a carrier, which may be spread over several headers. Returns `None` if there is none.
pub(crate) fn read(carrier: &dyn Carrier) -> Option<Baggage> {
    let mut baggage: Option<Baggage> = None;
    carrier.visit(KEY, &mut |header| {
        // If this replaces a byte, the member is malformed.
        let header = String::from_utf8_lossy(header);
        baggage.get_or_insert_default().extend(&header);
    });
    baggage
}

/// The warning about members that were malformed or exceeded a limit.
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

/// The key of a member, which may be malformed.
fn key_of(member: &str) -> &str {
    let end = member.find([';', '=']).unwrap_or(member.len());
    member[..end].trim_matches([' ', '\t'])
}

/// Whether any implementation could take it for a member with one of `keys`: some decode keys, or trim all Unicode
/// white space.
#[cfg(feature = "http")]
pub(crate) fn may_be_of(member: &str, keys: &[&str]) -> bool {
    let decoded = decode(key_of(member));
    let read = decoded.trim();
    keys.iter().any(|key| key.eq_ignore_ascii_case(read))
}

fn parse_member(text: &str) -> Option<Member> {
    // Such a member cannot fit, and decoding it would be wasted work.
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

/// Tabs and spaces are equivalent between tokens, but some carriers cannot contain tabs.
fn in_spaces(properties: &str) -> String {
    properties.replace('\t', " ")
}

/// Decodes percent-encoding. A `%` without two hexadecimal digits is kept; invalid UTF-8 becomes U+FFFD.
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

/// Whether the byte is a `baggage-octet` that needs no encoding: printable ASCII without space, `"`, `,`, `;`, `\` and
/// `%`.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'$' | b'&'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~')
}

/// Whether all properties follow the standard: a key, or `key=value`. They are kept verbatim.
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
