//! `EntryExtractor`: the first argument of a handler that has no argument with the request's headers.

use std::fmt;

use http::HeaderMap;

use crate::context::request_tag::FoundTag;
use crate::propagation::carrier::{Carrier, Http};

/// The first argument of a handler annotated with [`#[context_entry]`](crate::context_entry) that has no argument with
/// the request's headers. It contains the handler's own first argument, `T`, and these headers.
///
/// The framework creates it. Code that calls such a handler directly, such as a unit test, does not need to name it:
///
/// ```
/// use propagate_context::{REQUEST_ID, context_entry};
///
/// struct Path(u32);
///
/// #[context_entry]
/// async fn show(Path(number): Path) -> String {
///     assert!(REQUEST_ID.get().is_some());
///     format!("order {number}")
/// }
///
/// #[context_entry]
/// async fn health() -> &'static str {
///     "ok"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(show(Path(7).into()).await, "order 7");
/// assert_eq!(health(Default::default()).await.into_inner(), "ok");
/// # }
/// ```
///
/// If a tool or a framework does not support this type, use `#[context_entry(layer)]` with a
/// [`ContextLayer`](crate::http::ContextLayer), or `#[context_entry(carrier = headers)]` with an argument of type
/// `HeaderMap`. Both leave the signature unchanged.
pub struct EntryExtractor<T = NoArgument> {
    /// The headers that the entry reads.
    #[doc(hidden)]
    pub request: ExtractedRequest,
    /// The handler's own argument.
    pub value: T,
}

impl<T> EntryExtractor<T> {
    /// Creates the argument for a request with `headers`.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use propagate_context::entry::EntryExtractor;
    /// use propagate_context::{REQUEST_ID, context_entry};
    ///
    /// #[context_entry(header = "X-Request-ID")]
    /// async fn show(number: u32) -> String {
    ///     format!("{number} {}", REQUEST_ID.get().unwrap())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-request-id", HeaderValue::from_static("order-7"));
    /// assert_eq!(show(EntryExtractor::with_headers(headers, 1)).await, "1 order-7");
    /// # }
    /// ```
    pub fn with_headers(headers: HeaderMap, value: T) -> Self {
        Self::new(headers, FoundTag::of(None), value)
    }

    pub(crate) fn new(headers: HeaderMap, found_tag: FoundTag, value: T) -> Self {
        let request = ExtractedRequest { headers, found_tag };
        Self { request, value }
    }

    /// Returns the handler's own argument.
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// Creates the argument for a request without headers.
impl<T> From<T> for EntryExtractor<T> {
    fn from(value: T) -> Self {
        Self::with_headers(HeaderMap::new(), value)
    }
}

impl<T: Default> Default for EntryExtractor<T> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for EntryExtractor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may contain credentials.
        f.debug_struct("EntryExtractor")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// The placeholder for the argument of a handler that has no arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoArgument;

/// The headers and the tag of a request.
#[doc(hidden)]
pub struct ExtractedRequest {
    headers: HeaderMap,
    found_tag: FoundTag,
}

impl Carrier for ExtractedRequest {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers.visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(Http {
            headers: Some(&self.headers),
            found_tag: self.found_tag,
        })
    }
}

impl fmt::Debug for ExtractedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractedRequest").finish_non_exhaustive()
    }
}
