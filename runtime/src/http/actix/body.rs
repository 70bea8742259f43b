//! `ScopedBody`: a response body that is polled and dropped in the scope of its request.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use pin_project_lite::pin_project;

use crate::context::current::Scope;
use crate::context::saved_scope::SavedScope;

pin_project! {
    /// A response body that is polled and dropped in the scope of the request.
    pub struct ScopedBody<B> {
        #[pin]
        body: B,
        // Declared after `body`, so that it is dropped after it: see `SavedScope`. `None` if an outer middleware owns
        // the scope.
        scope: Option<SavedScope>,
    }

    impl<B> PinnedDrop for ScopedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(scope) = this.project().scope {
                scope.enter_for_drop();
            }
        }
    }
}

impl<B> ScopedBody<B> {
    pub(super) fn new(body: B, scope: Scope) -> Self {
        Self {
            body,
            scope: scope.map(SavedScope::new),
        }
    }
}

impl<B: MessageBody> MessageBody for ScopedBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        let _guard = this.scope.as_mut().map(SavedScope::enter);
        this.body.poll_next(cx)
    }
}

impl<B> fmt::Debug for ScopedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedBody").finish_non_exhaustive()
    }
}
