//! Implements carriers for HTTP headers and requests.

use ::http::request::Parts;
use ::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request};

use crate::context::request_tag::FoundTag;
use crate::propagation::carrier::{Carrier, CarrierMut, Head, Http, InsertError};

impl<'c> Http<'c> {
    pub(crate) fn of_request(headers: &'c HeaderMap, extensions: &Extensions) -> Self {
        Self {
            headers: Some(headers),
            found_tag: FoundTag::of(extensions.get()),
        }
    }
}

impl Carrier for HeaderMap {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        for value in self.get_all(key) {
            each(value.as_bytes());
        }
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http {
            headers: Some(self),
            found_tag: FoundTag::Unknown,
        })
    }
}

impl CarrierMut for HeaderMap {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), InsertError> {
        let name = HeaderName::from_bytes(key.as_bytes())
            .map_err(|_| InsertError::new("the key is not the name of a header"))?;
        // A value with other bytes could arrive changed.
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(InsertError::new("the value is not printable ASCII"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| InsertError::new("the value is not printable ASCII"))?;
        HeaderMap::insert(self, name, value);
        Ok(())
    }
}

impl<B> Carrier for Request<B> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http::of_request(self.headers(), self.extensions()))
    }

    fn head(&self) -> Head<'_> {
        Head {
            method: Some(self.method().as_str()),
            path: Some(self.uri().path()),
            peer: None,
            extensions: Some(self.extensions()),
        }
    }
}

impl Carrier for Parts {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers.visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http::of_request(&self.headers, &self.extensions))
    }

    fn head(&self) -> Head<'_> {
        Head {
            method: Some(self.method.as_str()),
            path: Some(self.uri.path()),
            peer: None,
            extensions: Some(&self.extensions),
        }
    }
}
