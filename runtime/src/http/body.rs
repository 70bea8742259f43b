//! `ContextBody`: a response body that is polled and dropped in the scope of its request.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use bytes::{Buf, Bytes};
use http::header::CONTENT_LENGTH;
use http::{Response, StatusCode};
use http_body::{Body, Frame as BodyFrame, SizeHint};
use pin_project_lite::pin_project;

use crate::context::current;
use crate::context::saved_scope::SavedScope;
use crate::util::diagnostics;

pin_project! {
    /// A response body that is polled and dropped in the scope of the request.
    ///
    /// The size hint, the end of the stream and the trailers are those of the inner body. If the body is dropped before
    /// its end, usually because the client has disconnected, a `debug` line is logged.
    pub struct ContextBody<B> {
        #[pin]
        content: Content<B>,
        remaining: Remaining,
        expected: Expected,
        // Declared after `content`, so that it is dropped after it: see `SavedScope`. `None` if an outer layer owns the
        // scope.
        scope: Option<SavedScope>,
    }

    impl<B> PinnedDrop for ContextBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(scope) = this.scope {
                scope.enter_for_drop();
                if this.remaining.is_awaited() && *this.expected == Expected::Body {
                    diagnostics::abandoned("response", "the end of its body");
                }
            }
        }
    }
}

pin_project! {
    // The body of the inner service, or a text of the layer itself.
    #[project = ContentPin]
    enum Content<B> {
        Inner { #[pin] body: B },
        OwnScope { text: Option<Bytes> },
    }
}

/// Whether the server is expected to poll the body. Only then is a body logged that is dropped before its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Body,
    /// Not expected, as in the response to a `HEAD` request.
    Nothing,
    /// The method is not known: expected once the server has polled the body for the first time.
    Perhaps,
}

/// The part of the body that the server still has to poll. A server stops polling at the announced length, and does not
/// poll at all if the response has no body.
enum Remaining {
    Nothing,
    Bytes(u64),
    Unknown,
}

impl Remaining {
    fn is_awaited(&self) -> bool {
        !matches!(self, Self::Nothing | Self::Bytes(0))
    }

    fn of<B: Body>(response: &Response<B>) -> Self {
        let status = response.status();
        let bodiless = status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
            || response.body().is_end_stream();
        if bodiless {
            return Self::Nothing;
        }
        let announced = || {
            response
                .headers()
                .get(CONTENT_LENGTH)?
                .to_str()
                .ok()?
                .parse()
                .ok()
        };
        response
            .body()
            .size_hint()
            .exact()
            .or_else(announced)
            .map_or(Self::Unknown, Self::Bytes)
    }

    fn less(&mut self, sent: usize) {
        if let Self::Bytes(left) = self {
            *left = left.saturating_sub(sent as u64);
        }
    }
}

impl<B: Body> ContextBody<B> {
    /// Wraps `body` so that it is polled and dropped in the current scope.
    ///
    /// Use it for the response body in a middleware that runs the handler with
    /// [`AcceptedRequest::serve`](super::AcceptedRequest::serve).
    ///
    /// The body does not see values that are set in the scope later.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use axum::body::{Body, to_bytes};
    /// use propagate_context::ContextVar;
    /// use propagate_context::http::ContextBody;
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// // A body whose data is produced while it is polled.
    /// let stream = futures::stream::once(async { Ok::<_, Infallible>(format!("{:?}", USER.get())) });
    /// let body = USER.sync_scope(7, || ContextBody::in_current_scope(Body::from_stream(stream)));
    /// let read = futures::executor::block_on(to_bytes(Body::new(body), 100)).unwrap();
    /// assert_eq!(read, "Some(7)");
    /// ```
    pub fn in_current_scope(body: B) -> Self {
        let exact = body.size_hint().exact();
        Self {
            remaining: exact.map_or(Remaining::Unknown, Remaining::Bytes),
            content: Content::Inner { body },
            expected: Expected::Perhaps,
            scope: current::share().map(SavedScope::new),
        }
    }
}

impl<B> ContextBody<B> {
    /// Wraps the body of a response of the inner service.
    pub(super) fn of(response: Response<B>, expected: Expected) -> Response<Self>
    where
        B: Body,
    {
        let remaining = Remaining::of(&response);
        response.map(|body| Self {
            content: Content::Inner { body },
            remaining,
            expected,
            scope: None,
        })
    }

    /// Wraps the body of a response of the layer itself.
    pub(super) fn own(response: Response<Bytes>, expected: Expected) -> Response<Self> {
        response.map(|text| Self {
            remaining: Remaining::Bytes(text.len() as u64),
            // An empty body is at its end from the start: a gRPC error consists of headers only.
            content: Content::OwnScope {
                text: Some(text).filter(|text| !text.is_empty()),
            },
            expected,
            scope: None,
        })
    }

    /// Sets the scope in which the body is polled and dropped. `None` if an outer layer owns the scope.
    pub(super) fn enter_scope(&mut self, scope: Option<SavedScope>) {
        self.scope = scope;
    }
}

impl<B> Body for ContextBody<B>
where
    B: Body,
    B::Data: From<Bytes>,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<BodyFrame<B::Data>, B::Error>>> {
        let this = self.project();
        let _guard = this.scope.as_mut().map(SavedScope::enter);
        if *this.expected == Expected::Perhaps {
            *this.expected = Expected::Body;
        }
        let (polled, is_end) = match this.content.project() {
            ContentPin::Inner { mut body } => {
                (ready!(body.as_mut().poll_frame(cx)), body.is_end_stream())
            }
            ContentPin::OwnScope { text } => {
                let frame = text.take().map(|text| Ok(BodyFrame::data(text.into())));
                (frame, true)
            }
        };
        match &polled {
            // The server does not have to poll again.
            Some(Ok(frame)) if is_end || frame.is_trailers() => {
                *this.remaining = Remaining::Nothing;
            }
            Some(Ok(frame)) => this
                .remaining
                .less(frame.data_ref().map_or(0, Buf::remaining)),
            // The body has ended or failed. The server reports errors itself.
            Some(Err(_)) | None => *this.remaining = Remaining::Nothing,
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Inner { body } => body.is_end_stream(),
            Content::OwnScope { text } => text.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Inner { body } => body.size_hint(),
            Content::OwnScope { text } => {
                SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64))
            }
        }
    }
}

impl<B> fmt::Debug for ContextBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextBody").finish_non_exhaustive()
    }
}
