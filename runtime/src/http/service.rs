//! The service of `ContextLayer` and its response future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::body::{ContextBody, Expected};
use super::catch_panic::catch_and_report;
use super::inner_service::inner_service_methods;
use super::protocol::Protocol;
use super::server_policy::{Arrived, Policy};
use crate::context::saved_scope::SavedScope;
use crate::entry::{EchoedHeader, Entry, MissingValue, OpenedScope};
use crate::util::diagnostics;

/// A service that runs each request in its own scope: see [`ContextLayer`](super::ContextLayer).
#[derive(Clone)]
pub struct ContextService<S> {
    inner: S,
    policy: Arc<Policy<Parts>>,
}

impl<S> ContextService<S> {
    /// Wraps `inner` with the policy of [`ContextLayer::new`](super::ContextLayer::new).
    pub fn new(inner: S) -> Self {
        Self::with_policy(inner, Policy::new(Entry::new()))
    }

    pub(super) const fn with_policy(inner: S, policy: Arc<Policy<Parts>>) -> Self {
        Self { inner, policy }
    }
}

inner_service_methods!(ContextService);

impl<S, B, R> Service<Request<B>> for ContextService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
    R::Data: From<Bytes>,
{
    type Response = Response<ContextBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let head = *request.method() == Method::HEAD;
        let protocol = Protocol::of(&request);
        let arrived = if self.policy.inspects_requests() {
            let (parts, body) = request.into_parts();
            let arrived = self.policy.open_inspected(&parts);
            request = Request::from_parts(parts, body);
            arrived
        } else {
            Some(self.policy.open(&request))
        };
        let Some(Arrived {
            mut opened,
            panicked,
        }) = arrived
        else {
            return ResponseFuture {
                step: Step::Skipped {
                    future: self.inner.call(request),
                },
                head,
                protocol,
                policy: self.policy.clone(),
                echoed: None,
                scope: None,
            };
        };
        // `None` if an outer layer has opened the scope: that layer owns the id and the body.
        let mut scope = opened.scope.take().map(SavedScope::new);
        let step = {
            let _guard = scope.as_mut().map(SavedScope::enter);
            if panicked {
                Step::Panicked
            } else {
                self.call_inner(request, &mut opened)
            }
        };
        ResponseFuture {
            step,
            head,
            protocol,
            policy: self.policy.clone(),
            echoed: opened.echoed,
            scope,
        }
    }
}

impl<S> ContextService<S> {
    fn call_inner<B, R>(
        &mut self,
        mut request: Request<B>,
        opened: &mut OpenedScope,
    ) -> Step<S::Future>
    where
        S: Service<Request<B>, Response = Response<R>>,
    {
        if let Some(missing) = opened.missing.take() {
            return Step::Rejected { missing };
        }
        opened.prepare(&self.policy.entry, request.headers_mut());
        opened.prepare_extensions(request.extensions_mut());
        match catch_and_report(self.policy.catch_panics, || self.inner.call(request)) {
            Ok(future) => Step::Inner { future },
            Err(_) => Step::Panicked,
        }
    }
}

pin_project! {
    /// The response future of a [`ContextService`].
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        step: Step<F>,
        head: bool,
        protocol: Protocol,
        policy: Arc<Policy<Parts>>,
        echoed: Option<EchoedHeader>,
        // Declared after `step`, so that it is dropped after it: see `SavedScope`. `None` if an outer layer owns the
        // scope.
        scope: Option<SavedScope>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(scope) = this.scope {
                scope.enter_for_drop();
                if matches!(*this.step, Step::Inner { .. }) {
                    diagnostics::abandoned("request", "its response");
                }
            }
        }
    }
}

pin_project! {
    #[project = StepPin]
    enum Step<F> {
        Inner { #[pin] future: F },
        // Without a scope.
        Skipped { #[pin] future: F },
        Rejected { missing: MissingValue },
        Panicked,
        Done,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
    R::Data: From<Bytes>,
{
    type Output = Result<Response<ContextBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut outcome = {
            let _guard = this.scope.as_mut().map(SavedScope::enter);
            let expected = if *this.head {
                Expected::Nothing
            } else {
                Expected::Body
            };
            let mut outcome = match this.step.as_mut().project() {
                StepPin::Skipped { future } => {
                    let response = ready!(future.poll(cx));
                    this.step.set(Step::Done);
                    return Poll::Ready(
                        response.map(|response| ContextBody::of(response, Expected::Nothing)),
                    );
                }
                StepPin::Inner { future } => {
                    match catch_and_report(this.policy.catch_panics, || future.poll(cx)) {
                        Ok(polled) => {
                            ready!(polled).map(|response| ContextBody::of(response, expected))
                        }
                        Err(_) => Ok(ContextBody::own(this.protocol.panicked(), expected)),
                    }
                }
                StepPin::Rejected { missing } => {
                    Ok(ContextBody::own(this.protocol.rejected(missing), expected))
                }
                StepPin::Panicked => Ok(ContextBody::own(this.protocol.panicked(), expected)),
                StepPin::Done => panic!("`ResponseFuture` polled after completion"),
            };
            // Drop the future here, in the scope, rather than with `self`, which may be dropped anywhere. User
            // destructors may panic as well.
            let dropped = catch_and_report(this.policy.catch_panics, || {
                this.step.as_mut().set(Step::Done);
            });
            if dropped.is_err() {
                outcome = Ok(ContextBody::own(this.protocol.panicked(), expected));
            }
            if let Ok(response) = &mut outcome {
                this.policy
                    .entry
                    .write_response(response.headers_mut(), this.echoed.as_ref());
            }
            outcome
        };
        if let Ok(response) = &mut outcome {
            response.body_mut().enter_scope(this.scope.take());
        }
        Poll::Ready(outcome)
    }
}

impl<S: fmt::Debug> fmt::Debug for ContextService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextService")
            .field("inner", &self.inner)
            .field("policy", &self.policy)
            .finish()
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
