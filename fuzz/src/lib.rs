//! The grammars of the W3C headers, written from the text of the standards alone. Only the targets use them.

/// Whether `text` is a `traceparent` (Trace Context, 3.2).
///
/// Of a later version only the fields of version 00 are checked; what follows them has to begin with `-`.
#[must_use]
pub fn is_traceparent(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hex = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| {
            part.iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let zero = |range: std::ops::Range<usize>| bytes[range].iter().all(|byte| *byte == b'0');
    let dash = |at: usize| bytes.get(at) == Some(&b'-');
    let known =
        hex(0..2) && dash(2) && hex(3..35) && dash(35) && hex(36..52) && dash(52) && hex(53..55);
    known
        && &text[..2] != "ff"
        && !zero(3..35)
        && !zero(36..52)
        && (bytes.len() == 55 || (&text[..2] != "00" && dash(55)))
}

/// Whether `text` is a `tracestate` with at least one member (Trace Context, 3.3). `level_2`: with the keys that level 2 of
/// the standard allows.
#[must_use]
pub fn is_tracestate(text: &str, level_2: bool) -> bool {
    let mut keys = Vec::new();
    let mut members = 0;
    for member in text.split(',') {
        let member = member.trim_matches([' ', '\t']);
        members += 1;
        if member.is_empty() {
            continue;
        }
        let Some((key, value)) = member.split_once('=') else {
            return false;
        };
        if keys.contains(&key) || !is_state_key(key, level_2) || !is_state_value(value) {
            return false;
        }
        keys.push(key);
    }
    members <= 32 && !keys.is_empty()
}

fn is_state_key(key: &str, level_2: bool) -> bool {
    let rest = |text: &str, at_sign: bool| {
        text.bytes().all(|byte| {
            matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/')
                || (at_sign && byte == b'@')
        })
    };
    let letter = |text: &str| text.starts_with(|first: char| first.is_ascii_lowercase());
    let letter_or_digit =
        |text: &str| letter(text) || text.starts_with(|first: char| first.is_ascii_digit());
    if level_2 {
        return key.len() <= 256 && letter_or_digit(key) && rest(key, true);
    }
    match key.split_once('@') {
        None => key.len() <= 256 && letter(key) && rest(key, false),
        Some((tenant, system)) => {
            tenant.len() <= 241
                && system.len() <= 14
                && letter_or_digit(tenant)
                && letter(system)
                && rest(tenant, false)
                && rest(system, false)
        }
    }
}

fn is_state_value(value: &str) -> bool {
    (1..=256).contains(&value.len())
        && value
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'+' | b'-'..=b'<' | b'>'..=b'~'))
        && !value.ends_with(' ')
}

/// The keys and the decoded values of a header (Baggage, 3.3); `None` if it is malformed.
#[must_use]
pub fn baggage(header: &str) -> Option<Vec<(String, Vec<u8>)>> {
    header.split(',').map(baggage_member).collect()
}

/// One member of such a header.
#[must_use]
pub fn baggage_member(member: &str) -> Option<(String, Vec<u8>)> {
    let trim = |text: &'_ str| text.trim_matches([' ', '\t']).to_owned();
    let mut parts = member.split(';');
    let (key, value) = parts.next()?.split_once('=')?;
    let (key, value) = (trim(key), trim(value));
    if !is_token(&key) || !value.bytes().all(is_baggage_octet) {
        return None;
    }
    for property in parts {
        let (key, value) = match property.split_once('=') {
            Some((key, value)) => (trim(key), trim(value)),
            None => (trim(property), String::new()),
        };
        if !is_token(&key) || !value.bytes().all(is_baggage_octet) {
            return None;
        }
    }
    Some((key, percent_decoded(&value)))
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_baggage_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits
            .filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        if let (b'%', Some(byte)) = (first, byte) {
            decoded.push(byte);
            rest = &after[2..];
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    decoded
}
