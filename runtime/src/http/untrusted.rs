//! Removes the extracted headers and `baggage` members from untrusted requests, so that no inner code relies on them.

use http::{HeaderName, HeaderValue};

use super::header_map::Headers;
use crate::entry::{Entry, known_keys};
use crate::propagation::baggage;

impl Entry {
    /// Removes the headers and `baggage` members from which the variables of this and of the program's other entries,
    /// the request id and the trace are extracted.
    #[cold]
    pub(crate) fn remove_untrusted(&self, headers: &mut impl Headers, kept: Option<HeaderValue>) {
        for name in [
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
        ] {
            headers.clear(&name);
        }
        let mut members: Vec<&'static str> = Vec::new();
        for field in self.fields() {
            members.extend(field.member);
            for key in field.keys.iter().filter_map(|key| key.name()) {
                headers.clear(key);
            }
        }
        let cleaned = known_keys::visit(|keys, member| {
            members.extend(member);
            for key in keys.iter().filter_map(|key| key.name()) {
                headers.clear(key);
            }
        });
        let name = HeaderName::from_static(known_keys::CLEANED);
        headers.clear(&name);
        headers.fill(&name, || cleaned);
        remove_members(headers, &members);
        let keep_as = self
            .fields()
            .find_map(|field| field.keep_as.as_ref()?.name());
        if let Some(name) = keep_as {
            headers.clear(name);
            headers.fill(name, || kept);
        }
    }
}

/// Removes the members with these keys from `baggage`. A header that is not valid UTF-8 is removed as a whole.
fn remove_members(headers: &mut impl Headers, keys: &[&str]) {
    let name = HeaderName::from_static(baggage::KEY);
    if keys.is_empty() || !headers.contains(&name) {
        return;
    }
    let mut kept = Vec::new();
    headers.visit_values(&name, &mut |header| {
        let Ok(header) = std::str::from_utf8(header) else {
            return;
        };
        let members: Vec<_> = header
            .split(',')
            .filter(|member| !baggage::may_be_of(member, keys))
            .collect();
        if let (false, Ok(header)) = (members.is_empty(), HeaderValue::try_from(members.join(",")))
        {
            kept.push(header);
        }
    });
    headers.clear(&name);
    for header in kept {
        headers.append_value(&name, header);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn baggage_without_declared_members_is_forwarded_verbatim() {
        let raw = HeaderValue::from_bytes(b"tenant = acme ,,\xff").unwrap();
        for (keys, is_kept) in [(&[][..], true), (&["tenant"], false)] {
            let mut headers = HeaderMap::new();
            headers.insert(baggage::KEY, raw.clone());
            remove_members(&mut headers, keys);
            let expected = is_kept.then_some(&raw);
            assert_eq!(headers.get(baggage::KEY), expected, "{keys:?}");
        }
    }
}
