//! `CarrierView`: how an entry reads a carrier.

use http::HeaderValue;

use super::key::Key;
use crate::context::request_tag::FoundTag;
use crate::propagation::carrier::Carrier;

#[derive(Clone, Copy)]
pub(crate) enum CarrierView<'c> {
    /// An untrusted carrier, or no carrier.
    Nothing,
    /// A map of text.
    Carrier(&'c dyn Carrier),
    /// HTTP headers in a map of another type.
    Foreign(&'c dyn Carrier),
    /// HTTP headers, which are looked up by parsed names.
    Headers(&'c http::HeaderMap),
}

/// A value as received.
#[derive(Clone, Copy)]
pub(crate) struct RawValue<'s> {
    pub(crate) bytes: &'s [u8],
    pub(crate) origin: Origin<'s>,
}

/// The kind of carrier that a value was found in.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'s> {
    Text,
    Foreign,
    Header(&'s HeaderValue),
}

impl<'s> RawValue<'s> {
    fn of_header(header: &'s HeaderValue) -> Self {
        Self {
            bytes: header.as_bytes(),
            origin: Origin::Header(header),
        }
    }
}

impl<'c> CarrierView<'c> {
    /// Returns how to read `carrier`, and the tag that outer entries have left in the request.
    pub(super) fn of(carrier: &'c dyn Carrier) -> (Self, FoundTag) {
        if let Some(http) = carrier.http() {
            let source = match http.headers {
                Some(headers) => Self::Headers(headers),
                None => Self::Foreign(carrier),
            };
            return (source, http.found_tag);
        }
        (Self::Carrier(carrier), FoundTag::Unknown)
    }

    /// Calls `each` with every value of `key`.
    #[inline]
    pub(crate) fn visit(self, key: &Key, mut each: impl FnMut(RawValue<'_>)) {
        match self {
            Self::Nothing => {}
            Self::Carrier(carrier) => carrier.visit(key.as_str(), &mut |bytes| {
                each(RawValue {
                    bytes,
                    origin: Origin::Text,
                });
            }),
            Self::Foreign(carrier) => carrier.visit(key.as_str(), &mut |bytes| {
                each(RawValue {
                    bytes,
                    origin: Origin::Foreign,
                });
            }),
            Self::Headers(headers) => {
                if let Some(name) = key.name() {
                    for value in headers.get_all(name) {
                        each(RawValue::of_header(value));
                    }
                }
            }
        }
    }
}

impl CarrierView<'_> {
    /// Calls `read` with the value of `key` and returns the result, or `None` if the key does not occur.
    ///
    /// # Errors
    ///
    /// Returns the number of occurrences if the key occurs more than once.
    #[inline]
    pub(crate) fn only<R>(
        self,
        key: &Key,
        read: impl FnOnce(RawValue<'_>) -> R,
    ) -> Result<Option<R>, usize> {
        if let Self::Headers(headers) = self {
            let mut values = key
                .name()
                .into_iter()
                .flat_map(|name| headers.get_all(name));
            return match (values.next(), values.count()) {
                (Some(value), 0) => Ok(Some(read(RawValue::of_header(value)))),
                (Some(_), more) => Err(more + 1),
                (None, _) => Ok(None),
            };
        }
        let (mut times, mut read, mut made) = (0, Some(read), None);
        self.visit(key, |raw| {
            times += 1;
            if let Some(read) = read.take() {
                made = Some(read(raw));
            }
        });
        if times > 1 { Err(times) } else { Ok(made) }
    }
}

impl Carrier for CarrierView<'_> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Nothing => {}
            Self::Carrier(carrier) | Self::Foreign(carrier) => carrier.visit(key, each),
            Self::Headers(headers) => {
                for value in headers.get_all(key) {
                    each(value.as_bytes());
                }
            }
        }
    }
}
