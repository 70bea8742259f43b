//! A message with the context it was sent in, for channels and actors.

use std::future::Future;

use crate::context::in_context::InContext;
use crate::context::overlay::Overlay;
use crate::context::snapshot::Context;

/// A message and the context that it was sent in.
///
/// The receiver runs it with the message's values laid over its own: an actor's own variables stay, the request's are
/// the message's, and nothing of one message is seen while the next is handled.
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
///     let message = receiver.recv().unwrap();
///     message.run(|order| assert_eq!((order, USER.get(), ACTOR.get()), ("buy", Some("ada"), Some("shop"))));
///     assert_eq!(USER.get(), None);
/// });
/// ```
#[derive(Clone, Debug)]
#[must_use = "a message does nothing until it is run"]
pub struct Carried<T> {
    context: Context,
    message: T,
}

impl<T> Carried<T> {
    /// `message` with the current context.
    pub fn new(message: T) -> Self {
        Self::with_context(message, Context::of_values())
    }

    /// `message` with a context that came otherwise, such as out of a broker's headers.
    pub const fn with_context(message: T, context: Context) -> Self {
        Self { context, message }
    }

    /// The message, to look at.
    pub const fn message(&self) -> &T {
        &self.message
    }

    /// The context that it was sent in.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// Takes the two apart.
    pub fn into_parts(self) -> (Context, T) {
        (self.context, self.message)
    }

    /// The same context with another message.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Carried<U> {
        Carried {
            context: self.context,
            message: f(self.message),
        }
    }

    /// Handles the message in a scope of its own: its values over those of the receiver.
    pub fn run<R>(self, handle: impl FnOnce(T) -> R) -> R {
        let _guard = Overlay::of(&self.context).enter();
        handle(self.message)
    }

    /// Like [`run`](Self::run), for a handler that awaits. The values are laid over what is current at the first
    /// poll.
    pub fn run_async<Fut: Future>(
        self,
        handle: impl FnOnce(T) -> Fut,
    ) -> InContext<impl Future<Output = Fut::Output>> {
        let Self { context, message } = self;
        Overlay::of(&context).scope(async move { handle(message).await })
    }
}
