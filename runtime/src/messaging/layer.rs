//! `MessageLayer`: opens the scope of every message, for workers that are tower services.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::context::in_context::InContext;
use crate::context::snapshot::Context;
use crate::entry::{Entry, MissingValue};
use crate::propagation::carrier::Carrier;

/// Opens the scope of each message or job of a tower service, according to the policy of an [`Entry`].
///
/// The service is called and polled in that scope. Tasks that it spawns have to be propagated like any others. If a
/// message has no valid value for a required variable, the service returns [`MissingValue`] as its error.
///
/// # Example
///
/// ```
/// use std::collections::HashMap;
/// use std::convert::Infallible;
/// use propagate_context::entry::{Entry, MissingValue};
/// use propagate_context::{MessageLayer, REQUEST_ID};
/// use tower_layer::Layer;
/// use tower_service::Service;
///
/// struct Task {
///     headers: HashMap<String, String>,
/// }
///
/// # #[derive(Debug)]
/// # struct BoxError;
/// # impl From<Infallible> for BoxError { fn from(never: Infallible) -> Self { match never {} } }
/// # impl From<MissingValue> for BoxError { fn from(_: MissingValue) -> Self { Self } }
/// # struct Work;
/// # impl Service<Task> for Work {
/// #     type Response = String;
/// #     type Error = BoxError;
/// #     type Future = std::future::Ready<Result<String, BoxError>>;
/// #     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), BoxError>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn call(&mut self, _: Task) -> Self::Future {
/// #         std::future::ready(Ok(REQUEST_ID.get().unwrap().to_string()))
/// #     }
/// # }
/// let layer = MessageLayer::new(Entry::new(), |task: &Task| task.headers.clone());
/// let mut worker = layer.layer(Work);
/// let headers = HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())]);
/// let done = futures::executor::block_on(worker.call(Task { headers })).unwrap();
/// assert_eq!(done, "order-7");
/// ```
#[must_use = "a layer does nothing until it is added to a service"]
pub struct MessageLayer<F> {
    policy: Arc<Entry>,
    carrier: F,
}

impl<F> MessageLayer<F> {
    /// Opens scopes with the policy `entry`, from the carrier that `carrier` returns for a message.
    pub fn new<M, C>(entry: Entry, carrier: F) -> Self
    where
        F: Fn(&M) -> C,
        C: Carrier,
    {
        Self {
            policy: Arc::new(entry),
            carrier,
        }
    }
}

impl<F: Clone> Clone for MessageLayer<F> {
    fn clone(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            carrier: self.carrier.clone(),
        }
    }
}

impl<S, F: Clone> Layer<S> for MessageLayer<F> {
    type Service = MessageService<S, F>;

    fn layer(&self, inner: S) -> MessageService<S, F> {
        MessageService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service that handles every message in its own scope; see [`MessageLayer`].
#[derive(Clone)]
pub struct MessageService<S, F> {
    inner: S,
    layer: MessageLayer<F>,
}

impl<S, F, M, C> Service<M> for MessageService<S, F>
where
    S: Service<M>,
    S::Error: From<MissingValue>,
    F: Fn(&M) -> C,
    C: Carrier,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = InContext<MessageFuture<S::Future>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, message: M) -> Self::Future {
        let opened = self.layer.policy.open(&(self.layer.carrier)(&message));
        match opened {
            Ok(context) => {
                let future = context.sync_scope(|| self.inner.call(message));
                context.scope(MessageFuture {
                    step: Step::Inner { future },
                })
            }
            Err(missing) => Context::empty().scope(MessageFuture {
                step: Step::Rejected {
                    missing: Some(missing),
                },
            }),
        }
    }
}

pin_project! {
    /// The future of a [`MessageService`], which runs in the message's scope.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct MessageFuture<F> {
        #[pin]
        step: Step<F>,
    }
}

pin_project! {
    #[project = StepPin]
    enum Step<F> {
        Inner { #[pin] future: F },
        Rejected { missing: Option<MissingValue> },
    }
}

impl<F, R, E> Future for MessageFuture<F>
where
    F: Future<Output = Result<R, E>>,
    E: From<MissingValue>,
{
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Result<R, E>> {
        match self.project().step.project() {
            StepPin::Inner { future } => future.poll(cx),
            StepPin::Rejected { missing } => match missing.take() {
                Some(missing) => Poll::Ready(Err(missing.into())),
                None => panic!("`MessageFuture` polled after completion"),
            },
        }
    }
}

impl<F> fmt::Debug for MessageLayer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageLayer")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for MessageService<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageService")
            .field("inner", &self.inner)
            .field("layer", &self.layer)
            .finish()
    }
}

impl<F> fmt::Debug for MessageFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageFuture").finish_non_exhaustive()
    }
}
