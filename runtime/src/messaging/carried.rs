//! `Carried`: a message with the context in which it was sent, for channels and actors.

use std::fmt;
use std::future::Future;

use crate::context::guard::Guard;
use crate::context::in_context::InContext;
use crate::context::snapshot::Context;
use crate::messaging::scope::message_scope;
use crate::var::Variable;

/// A message with the context in which it was sent.
///
/// While the receiver handles the message, only the message's context is visible, and nothing that the receiver
/// inherited. So a worker that was started lazily by one request does not expose that request's values to later
/// messages. To keep values of the receiver visible, name their variables with [`keeping`](Self::keeping).
///
/// # Example
///
/// ```
/// use propagate_context::{Carried, ContextVar};
///
/// static USER: ContextVar<&str> = ContextVar::new("user");
/// static ACTOR: ContextVar<&str> = ContextVar::new("actor");
///
/// let (sender, receiver) = std::sync::mpsc::channel();
/// USER.sync_scope("ada", || sender.send(Carried::new("buy")).unwrap());
///
/// ACTOR.sync_scope("shop", || {
///     let message = receiver.recv().unwrap().keeping(&[&ACTOR]);
///     message.run(|order| assert_eq!((order, USER.get(), ACTOR.get()), ("buy", Some("ada"), Some("shop"))));
///     assert_eq!(USER.get(), None);
/// });
/// ```
#[derive(Clone)]
#[must_use = "a message does nothing until it is run"]
pub struct Carried<T> {
    context: Context,
    keeping: Vec<&'static dyn Variable>,
    message: T,
}

impl<T> Carried<T> {
    /// Wraps `message` with the current context.
    pub fn new(message: T) -> Self {
        Self::with_context(message, Context::of_values())
    }

    /// Wraps `message` with another context, such as one that was extracted from a broker's headers.
    pub const fn with_context(message: T, context: Context) -> Self {
        Self {
            context,
            keeping: Vec::new(),
            message,
        }
    }

    /// Returns a reference to the message.
    pub const fn message(&self) -> &T {
        &self.message
    }

    /// Returns the context in which the message was sent.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// Splits the value into the context and the message.
    pub fn into_parts(self) -> (Context, T) {
        (self.context, self.message)
    }

    /// Transforms the message and keeps the context.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Carried<U> {
        Carried {
            context: self.context,
            keeping: self.keeping,
            message: f(self.message),
        }
    }

    /// Keeps the receiver's own values of `variables`, which replace the message's values. They are those of the scope
    /// in which [`run`](Self::run) or [`run_async`](Self::run_async) is called.
    ///
    /// ```
    /// use propagate_context::{Carried, ContextVar};
    ///
    /// static ACTOR: ContextVar<&str> = ContextVar::new("actor").logged();
    ///
    /// let message = Carried::new("buy");
    /// ACTOR.sync_scope("shop", || message.keeping(&[&ACTOR]).run(|_| assert_eq!(ACTOR.get(), Some("shop"))));
    /// ```
    pub fn keeping(mut self, variables: &[&'static dyn Variable]) -> Self {
        self.keeping.extend_from_slice(variables);
        self
    }

    /// Handles the message in a new scope with the message's values.
    pub fn run<R>(self, handle: impl FnOnce(T) -> R) -> R {
        let _guard = Guard::new(message_scope(&self.context, &self.keeping));
        handle(self.message)
    }

    /// Like [`run`](Self::run), for an asynchronous handler.
    pub fn run_async<Fut: Future>(
        self,
        handle: impl FnOnce(T) -> Fut,
    ) -> InContext<impl Future<Output = Fut::Output>> {
        let scope = message_scope(&self.context, &self.keeping);
        let message = self.message;
        InContext::entering(scope, async move { handle(message).await })
    }
}

impl<T: fmt::Debug> fmt::Debug for Carried<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carried")
            .field("context", &self.context)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
