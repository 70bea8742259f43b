//! The service of `ContextLayer`, and its future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::body::{ContextBody, Expected};
use super::catch_panic::{catch, catch_and_report};
use super::error_response::Protocol;
use super::layer::{ContextLayer, Policy};
use crate::context::saved_scope::SavedScope;
use crate::entry::{EchoedHeader, MissingValue, OpenedScope};
use crate::util::diagnostics;

/// A service that runs every request in a scope of its own: see [`ContextLayer`].
#[derive(Clone)]
pub struct ContextService<S> {
    inner: S,
    policy: Arc<Policy>,
}

impl<S> ContextService<S> {
    /// `inner` with the policy of [`ContextLayer::new`].
    pub fn new(inner: S) -> Self {
        tower_layer::Layer::layer(&ContextLayer::new(), inner)
    }

    pub(super) const fn with_policy(inner: S, policy: Arc<Policy>) -> Self {
        Self { inner, policy }
    }

    /// The inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Takes the inner service out.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

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
        let Policy {
            entry,
            trust,
            catch_panics,
        } = &*self.policy;
        let mut trusted = Ok(true);
        if let Some(trust) = trust {
            let (parts, body) = request.into_parts();
            trusted = catch(*catch_panics, || trust(&parts));
            request = Request::from_parts(parts, body);
        }
        let head = *request.method() == Method::HEAD;
        let dialect = Protocol::of(&request);
        let arrival = trusted.and_then(|trusted| {
            catch(*catch_panics, || {
                entry.open_or_join(&request, trusted, None)
            })
        });
        let (arrival, panicked) = Policy::arrived(arrival);
        let OpenedScope {
            scope,
            missing,
            mark,
            brought,
        } = arrival;
        if let Some(mark) = mark {
            request.extensions_mut().insert(mark);
        }
        // Where a layer further out has opened the scope, there is one id, and one layer that minds the body.
        let mut home = scope.map(SavedScope::new);
        let step = {
            let _stay = home.as_mut().map(SavedScope::enter);
            if panicked {
                Step::Panicked
            } else {
                self.call_inner(request, missing)
            }
        };
        ResponseFuture {
            step,
            head,
            dialect,
            policy: self.policy.clone(),
            brought,
            home,
        }
    }
}

impl<S> ContextService<S> {
    fn call_inner<B, R>(
        &mut self,
        mut request: Request<B>,
        missing: Option<MissingValue>,
    ) -> Step<S::Future>
    where
        S: Service<Request<B>, Response = Response<R>>,
    {
        if let Some(missing) = missing {
            return Step::Refused { missing };
        }
        self.policy.entry.write_request(request.headers_mut());
        match catch_and_report(self.policy.catch_panics, || self.inner.call(request)) {
            Ok(future) => Step::Inner { future },
            Err(_) => Step::Panicked,
        }
    }
}

pin_project! {
    /// The response of a [`ContextService`], in the making.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        step: Step<F>,
        head: bool,
        dialect: Protocol,
        policy: Arc<Policy>,
        brought: Option<EchoedHeader>,
        // Behind `step`, so that it is dropped after it: see `SavedScope`. `None` where a layer further out has it.
        home: Option<SavedScope>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(home) = this.home {
                home.enter_for_drop();
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
        Refused { missing: MissingValue },
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
            let _stay = this.home.as_mut().map(SavedScope::enter);
            let expected = if *this.head {
                Expected::Nothing
            } else {
                Expected::Body
            };
            let mut outcome = match this.step.as_mut().project() {
                StepPin::Inner { future } => {
                    match catch_and_report(this.policy.catch_panics, || future.poll(cx)) {
                        Ok(polled) => {
                            ready!(polled).map(|response| ContextBody::of(response, expected))
                        }
                        Err(_) => Ok(ContextBody::own(this.dialect.panicked(), expected)),
                    }
                }
                StepPin::Refused { missing } => {
                    Ok(ContextBody::own(this.dialect.refused(missing), expected))
                }
                StepPin::Panicked => Ok(ContextBody::own(this.dialect.panicked(), expected)),
                StepPin::Done => panic!("`ResponseFuture` polled after it was ready"),
            };
            // Here, in the scope, and not in the drop, which may be far from it.
            this.step.set(Step::Done);
            if let Ok(response) = &mut outcome {
                this.policy
                    .entry
                    .answer(response.headers_mut(), this.brought.as_ref());
            }
            outcome
        };
        if let Ok(response) = &mut outcome {
            response.body_mut().go_on_in(this.home.take());
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
