//! `ScopedBody`: a streaming body in the scope of its request.

use std::io;
use std::pin::Pin;
use std::task::{self, Poll};

use propagate_context::Context;
use rocket::response::Body;
use rocket::tokio::io::{AsyncRead, ReadBuf};

/// A body that is read and dropped in `context`.
pub(crate) struct ScopedBody<'r> {
    body: Option<Body<'r>>,
    context: Context,
}

impl<'r> ScopedBody<'r> {
    pub(crate) const fn new(body: Body<'r>, context: Context) -> Self {
        Self {
            body: Some(body),
            context,
        }
    }
}

impl AsyncRead for ScopedBody<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { body, context } = self.get_mut();
        match body {
            Some(body) => context.sync_scope(|| Pin::new(body).poll_read(cx, into)),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl Drop for ScopedBody<'_> {
    fn drop(&mut self) {
        let body = self.body.take();
        self.context.sync_scope(|| drop(body));
    }
}
