//! `Source`: where an entry looks.

use super::key::Key;
use crate::carrier::Carrier;

#[cfg(feature = "http")]
pub(super) use http::HeaderValue;
/// Without HTTP there is none.
#[cfg(not(feature = "http"))]
#[derive(Clone)]
pub(crate) enum HeaderValue {}

#[derive(Clone, Copy)]
pub(crate) enum Source<'c> {
    /// What a carrier that is not trusted looks like.
    Nothing,
    Carrier(&'c dyn Carrier),
    /// The headers of HTTP, whose keys are at hand as names.
    #[cfg(feature = "http")]
    Headers(&'c http::HeaderMap),
}

/// A value as it came.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'s> {
    pub(crate) bytes: &'s [u8],
    /// Where it is one of HTTP's.
    pub(super) header: Option<&'s HeaderValue>,
}

#[cfg(feature = "http")]
impl<'s> Raw<'s> {
    fn of_header(header: &'s HeaderValue) -> Self {
        Self {
            bytes: header.as_bytes(),
            header: Some(header),
        }
    }
}

impl<'c> Source<'c> {
    pub(super) fn of(carrier: &'c dyn Carrier) -> Self {
        #[cfg(feature = "http")]
        if let Some(headers) = carrier.header_map() {
            return Self::Headers(headers);
        }
        Self::Carrier(carrier)
    }

    /// Calls `each` with every value of `key`.
    #[inline]
    pub(crate) fn visit(self, key: &Key, mut each: impl FnMut(Raw<'_>)) {
        match self {
            Self::Nothing => {}
            Self::Carrier(carrier) => carrier.visit(key.as_str(), &mut |bytes| {
                each(Raw {
                    bytes,
                    header: None,
                });
            }),
            #[cfg(feature = "http")]
            Self::Headers(headers) => {
                if let Some(name) = key.name() {
                    for value in headers.get_all(name) {
                        each(Raw::of_header(value));
                    }
                }
            }
        }
    }
}

impl Source<'_> {
    /// What `read` makes of the value of `key`, where it stands alone.
    ///
    /// # Errors
    ///
    /// How often the key occurs, where that is more than once.
    #[inline]
    pub(crate) fn only<R>(
        self,
        key: &Key,
        read: impl FnOnce(Raw<'_>) -> R,
    ) -> Result<Option<R>, usize> {
        #[cfg(feature = "http")]
        if let Self::Headers(headers) = self {
            let mut values = key
                .name()
                .into_iter()
                .flat_map(|name| headers.get_all(name));
            return match (values.next(), values.count()) {
                (Some(value), 0) => Ok(Some(read(Raw::of_header(value)))),
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

impl Carrier for Source<'_> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Nothing => {}
            Self::Carrier(carrier) => carrier.visit(key, each),
            #[cfg(feature = "http")]
            Self::Headers(headers) => headers.visit(key, each),
        }
    }
}
