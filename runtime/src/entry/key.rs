//! `Key`: the key of a variable in a carrier.

use std::borrow::Cow;
use std::fmt;

/// A key of a carrier. Its header name is parsed once, not for every request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    text: Cow<'static, str>,
    /// The key as a header name; `None` if it is too long for one.
    name: Option<http::HeaderName>,
}

impl Key {
    /// Creates a key from a header name in lower case.
    pub(crate) const fn known(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            name: Some(http::HeaderName::from_static(text)),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn name(&self) -> Option<&http::HeaderName> {
        self.name.as_ref()
    }
}

impl From<Cow<'static, str>> for Key {
    fn from(text: Cow<'static, str>) -> Self {
        match text {
            // A static name has no reference count that every request would have to update.
            Cow::Borrowed(text) if is_known(text) => Self::known(text),
            text => Self {
                name: http::HeaderName::from_bytes(text.as_bytes()).ok(),
                text,
            },
        }
    }
}

/// Whether the text is a header name in lower case.
fn is_known(text: &str) -> bool {
    crate::util::http_token::is_http_token(text)
        && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}
