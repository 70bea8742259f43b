//! `ContextMiddleware`: the scope of every request of an actix-web application.

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
use super::handler::refused;
use crate::context::current;
use crate::context::frame::Frame;
use crate::context::guard::Guard;
use crate::context::saved_scope::SavedScope;
use crate::entry::{Entry, Inbound};
use crate::http::catch_panic::{catch, catch_and_report};
use crate::util::diagnostics;
use crate::var::ContextVar;

/// Opens the scope of each request of an actix-web application, and gives it an id: what
/// [`ContextLayer`](crate::http::ContextLayer) is for tower services, with the same policy.
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
    policy: Arc<Policy>,
}

type Policy = crate::http::server_policy::Policy<ServiceRequest>;

impl Default for ContextMiddleware {
    fn default() -> Self {
        Self::new()
    }
}

impl ContextMiddleware {
    /// Takes or makes `x-request-id`, answers with it, and carries `traceparent` and `tracestate` through.
    pub fn new() -> Self {
        Self::with_policy(Entry::new())
    }

    /// Does as `entry` says, which messages and jobs may share: a whole policy, where [`extract`](Self::extract) adds one
    /// variable to it.
    pub fn with_policy(entry: Entry) -> Self {
        Self {
            policy: Policy::new(entry),
        }
    }

    /// Takes one variable more, or in another way than before: see [`Entry::extract`].
    ///
    /// # Panics
    ///
    /// If nothing can bring the variable: it is declared with neither a header nor a baggage key, and none is given
    /// here.
    #[track_caller]
    pub fn extract<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
    where
        T: Display + FromStr + Send + Sync + 'static,
        T::Err: 'static,
    {
        self.policy.extract(inbound);
        self
    }

    /// Takes one variable less.
    pub fn without<T: Send + Sync + 'static>(mut self, variable: &'static ContextVar<T>) -> Self {
        self.policy.without(variable);
        self
    }

    /// Reads the headers only of requests that `trusted` says `true` to: see the edge of
    /// [`ContextLayer`](crate::http::ContextLayer).
    pub fn trust(
        mut self,
        trusted: impl Fn(&ServiceRequest) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.policy.trust(trusted);
        self
    }

    /// Whether a panic further in is answered with a plain 500 that has the id (which is the default).
    pub fn catch_panics(mut self, catch: bool) -> Self {
        self.policy.catch_panics(catch);
        self
    }
}

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

/// A service that runs every request in a scope of its own: see [`ContextMiddleware`].
pub struct ContextMiddlewareService<S> {
    inner: S,
    policy: Arc<Policy>,
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
        let (arrival, panicked) = Policy::arrived(catch(policy.catch_panics, || {
            let trusted = policy.trust.as_ref().is_none_or(|trust| trust(&request));
            policy.entry.open_or_join(&request, trusted, None)
        }));
        if let Some(mark) = arrival.mark {
            request.extensions_mut().insert(mark);
        }
        let missing = arrival.missing;
        let owns = arrival.scope.is_some();
        let guard = arrival.scope.map(Guard::new);
        let step = if panicked {
            Step::Panicked
        } else if let Some(missing) = missing {
            Step::Refused {
                response: Some(request.into_response(refused(&missing))),
            }
        } else {
            policy.entry.write_request(request.headers_mut());
            match catch_and_report(policy.catch_panics, || self.inner.call(request)) {
                Ok(future) => Step::Inner { future },
                Err(_) => Step::Panicked,
            }
        };
        let home = owns.then(current::share).flatten().map(SavedScope::new);
        drop(guard);
        Responding { step, policy, home }
    }
}

pin_project! {
    /// The response of a [`ContextMiddlewareService`], in the making.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Responding<F> {
        #[pin]
        step: Step<F>,
        policy: Arc<Policy>,
        // Behind `step`, so that it is dropped after it: see `SavedScope`. `None` where something further out has it.
        home: Option<SavedScope>,
    }

    impl<F> PinnedDrop for Responding<F> {
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
        Refused { response: Option<ServiceResponse> },
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
        let owns = this.home.is_some();
        let _stay = this.home.as_mut().map(SavedScope::enter);
        let outcome = match this.step.as_mut().project() {
            StepPin::Inner { future } => {
                match catch_and_report(this.policy.catch_panics, || future.poll(cx)) {
                    Ok(polled) => poll_ready!(polled).map(ServiceResponse::map_into_left_body),
                    Err(_) => Err(panicked()),
                }
            }
            StepPin::Refused { response } => match response.take() {
                Some(response) => Ok(response.map_into_right_body()),
                None => Err(panicked()),
            },
            StepPin::Panicked | StepPin::Done => Err(panicked()),
        };
        this.step.set(Step::Done);
        let entry = &this.policy.entry;
        Poll::Ready(match outcome {
            Ok(mut response) => {
                entry.answer(response.headers_mut(), None);
                let scope: Option<Arc<Frame>> = owns.then(current::share).flatten();
                Ok(response.map_body(|_, body| ScopedBody::new(body, scope)))
            }
            Err(error) => Err(with_id(entry, error)),
        })
    }
}

/// What makes a response further out, with the headers that it needs.
fn with_id(entry: &Entry, error: Error) -> Error {
    let mut response = error.error_response();
    entry.answer(response.headers_mut(), None);
    InternalError::from_response(error, response).into()
}

fn panicked() -> Error {
    InternalError::from_response(
        "the handler panicked",
        HttpResponse::InternalServerError().body("internal server error"),
    )
    .into()
}

impl fmt::Debug for ContextMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextMiddleware")
            .field("policy", &self.policy)
            .finish()
    }
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
