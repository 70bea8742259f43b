//! `ContextMiddleware`: opens the scope of every request of an actix-web application.

use std::fmt::{self, Display};
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{self, Poll, ready as poll_ready};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::error::InternalError;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use pin_project_lite::pin_project;

use super::body::ScopedBody;
use super::handler::rejected;
use crate::context::current;
use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::entry::{Entry, Inbound};
use crate::http::catch_panic::catch_and_report;
use crate::http::error_response::PANICKED;
use crate::http::policy_methods::policy_methods;
use crate::http::response_headers::current_id;
use crate::http::server_policy::{Arrived, Policy};
use crate::request_id::RequestId;
use crate::util::diagnostics;
use crate::var::ContextVar;

/// Opens a scope for each request of an actix-web application and assigns the request an id.
///
/// This is the equivalent of [`ContextLayer`](crate::http::ContextLayer), with the same policy.
///
/// ```
/// use actix_web::{App, web};
/// use propagate_context::http::ContextMiddleware;
///
/// let app = App::new().wrap(ContextMiddleware::new()).route("/", web::get().to(async || "hello"));
/// # drop(app);
/// ```
#[derive(Clone)]
#[must_use = "a middleware does nothing until it wraps an application"]
pub struct ContextMiddleware {
    policy: Arc<Policy<ServiceRequest>>,
}

policy_methods!(
    ContextMiddleware,
    ServiceRequest,
    "request.headers()",
    "request.path()"
);

impl<S, B> Transform<S, ServiceRequest> for ContextMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<ScopedBody<EitherBody<B>>>;
    type Error = Error;
    type Transform = ContextMiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(ContextMiddlewareService {
            inner,
            policy: self.policy.clone(),
        }))
    }
}

/// A service that runs each request in its own scope: see [`ContextMiddleware`].
pub struct ContextMiddlewareService<S> {
    inner: S,
    policy: Arc<Policy<ServiceRequest>>,
}

impl<S, B> Service<ServiceRequest> for ContextMiddlewareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<ScopedBody<EitherBody<B>>>;
    type Error = Error;
    type Future = Responding<S::Future>;

    fn poll_ready(&self, cx: &mut task::Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let policy = self.policy.clone();
        let arrived = if policy.inspects_requests() {
            policy.open_inspected(&request)
        } else {
            Some(policy.open(&request))
        };
        let Some(Arrived {
            mut opened,
            panicked,
        }) = arrived
        else {
            return Responding {
                step: Step::Skipped {
                    future: self.inner.call(request),
                },
                policy,
                scope: None,
            };
        };
        let owns_scope = opened.scope.is_some();
        let guard = opened.scope.take().map(Guard::new);
        let step = if panicked {
            Step::Panicked
        } else if let Some(missing) = opened.missing.take() {
            Step::Rejected {
                response: Some(request.into_response(rejected(&missing))),
            }
        } else {
            opened.prepare(&policy.entry, request.headers_mut());
            if let Some(tag) = opened.tag {
                request.extensions_mut().insert(tag);
                if let Some(id) = current_id() {
                    request.extensions_mut().insert(id);
                }
            }
            match catch_and_report(policy.catch_panics, || self.inner.call(request)) {
                Ok(future) => Step::Inner { future },
                Err(_) => Step::Panicked,
            }
        };
        let scope = owns_scope
            .then(current::share)
            .flatten()
            .map(SavedScope::new);
        drop(guard);
        Responding {
            step,
            policy,
            scope,
        }
    }
}

pin_project! {
    /// The response future of a [`ContextMiddlewareService`].
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Responding<F> {
        #[pin]
        step: Step<F>,
        policy: Arc<Policy<ServiceRequest>>,
        // Declared after `step`, so that it is dropped after it: see `SavedScope`. `None` if an outer middleware owns
        // the scope.
        scope: Option<SavedScope>,
    }

    impl<F> PinnedDrop for Responding<F> {
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
        Rejected { response: Option<ServiceResponse> },
        Panicked,
        Done,
    }
}

impl<F, B> Future for Responding<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<ScopedBody<EitherBody<B>>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let owns_scope = this.scope.is_some();
        let _guard = this.scope.as_mut().map(SavedScope::enter);
        let outcome = match this.step.as_mut().project() {
            StepPin::Skipped { future } => {
                let response = poll_ready!(future.poll(cx));
                this.step.set(Step::Done);
                return Poll::Ready(response.map(|response| {
                    response
                        .map_into_left_body()
                        .map_body(|_, body| ScopedBody::new(body, None))
                }));
            }
            StepPin::Inner { future } => {
                match catch_and_report(this.policy.catch_panics, || future.poll(cx)) {
                    Ok(polled) => poll_ready!(polled).map(ServiceResponse::map_into_left_body),
                    Err(_) => Err(panicked()),
                }
            }
            StepPin::Rejected { response } => match response.take() {
                Some(response) => Ok(response.map_into_right_body()),
                None => Err(panicked()),
            },
            StepPin::Panicked | StepPin::Done => Err(panicked()),
        };
        // User destructors may panic as well.
        let dropped = catch_and_report(this.policy.catch_panics, || {
            this.step.as_mut().set(Step::Done);
        });
        let entry = &this.policy.entry;
        let outcome = dropped.map_or_else(|_| Err(panicked()), |()| outcome);
        Poll::Ready(match outcome {
            Ok(mut response) => {
                entry.write_response(response.headers_mut(), None);
                let scope = owns_scope.then(current::share).flatten();
                Ok(response.map_body(|_, body| ScopedBody::new(body, scope)))
            }
            Err(error) => Err(with_id(entry, error)),
        })
    }
}

/// Returns an error whose response, which an outer service creates, has the headers of the scope.
fn with_id(entry: &Entry, error: Error) -> Error {
    let mut response = error.error_response();
    entry.write_response(response.headers_mut(), None);
    InternalError::from_response(error, response).into()
}

fn panicked() -> Error {
    InternalError::from_response(
        "the handler panicked",
        HttpResponse::InternalServerError().body(PANICKED),
    )
    .into()
}

impl<S> fmt::Debug for ContextMiddlewareService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextMiddlewareService")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Responding<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responding").finish_non_exhaustive()
    }
}
