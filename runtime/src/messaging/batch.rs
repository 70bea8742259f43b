//! `Batch`: messages of several requests that are handled together.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::future::Future;
use std::sync::Arc;

use crate::context::current::Scope;
use crate::context::guard::Guard;
use crate::context::in_context::InContext;
use crate::context::snapshot::Context;
use crate::messaging::carried::Carried;
use crate::messaging::scope::message_scope;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::var::{ContextVar, Variable};

/// The ids of all requests that a batch belongs to. They are on each of its log lines; the batch itself has no request
/// id.
pub static LINKED_REQUEST_IDS: ContextVar<LinkedRequestIds> =
    ContextVar::new("linked_request_ids").logged();

/// Several request ids, without duplicates, in the order of their messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkedRequestIds(Arc<[RequestId]>);

impl LinkedRequestIds {
    /// Returns the ids as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[RequestId] {
        &self.0
    }
}

/// Formats the ids, separated by commas.
impl Display for LinkedRequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, id) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            id.fmt(f)?;
        }
        Ok(())
    }
}

/// Messages of several requests that are handled together, as by a `DataLoader` or a bulk insert.
///
/// The batch runs in a scope that contains only [`LINKED_REQUEST_IDS`]. It has no request id, since it belongs to
/// several requests. To keep values of the receiver visible, name their variables with [`keeping`](Self::keeping).
///
/// # Example
///
/// ```
/// use propagate_context::{Batch, Carried, LINKED_REQUEST_IDS, REQUEST_ID, RequestId};
///
/// let sent = |id: &str| REQUEST_ID.sync_scope(RequestId::try_from(id).unwrap(), || Carried::new(id.len()));
/// let batch: Batch<usize> = [sent("a"), sent("bb"), sent("a")].into_iter().collect();
/// batch.run(|messages| {
///     assert_eq!(messages, [1, 2, 1]);
///     assert_eq!(REQUEST_ID.get(), None);
///     assert_eq!(LINKED_REQUEST_IDS.get().unwrap().to_string(), "a,bb");
/// });
/// ```
#[derive(Clone)]
#[must_use = "a batch does nothing until it is run"]
pub struct Batch<T> {
    messages: Vec<T>,
    ids: Vec<RequestId>,
    keeping: Vec<&'static dyn Variable>,
}

impl<T> FromIterator<Carried<T>> for Batch<T> {
    fn from_iter<I: IntoIterator<Item = Carried<T>>>(carried: I) -> Self {
        let mut batch = Self {
            messages: Vec::new(),
            ids: Vec::new(),
            keeping: Vec::new(),
        };
        let mut seen = HashSet::new();
        for message in carried {
            let (context, message) = message.into_parts();
            batch.messages.push(message);
            if let Some(id) = context.get(&REQUEST_ID) {
                if seen.insert(id.clone()) {
                    batch.ids.push(id);
                }
            }
        }
        batch
    }
}

impl<T> Batch<T> {
    /// Keeps the receiver's own values of `variables`: those of the scope in which [`run`](Self::run) or
    /// [`run_async`](Self::run_async) is called.
    ///
    /// ```
    /// use propagate_context::{Batch, Carried, ContextVar};
    ///
    /// static ACTOR: ContextVar<&str> = ContextVar::new("actor").logged();
    ///
    /// let batch: Batch<u32> = [Carried::new(1), Carried::new(2)].into_iter().collect();
    /// ACTOR.sync_scope("loader", || batch.keeping(&[&ACTOR]).run(|_| assert_eq!(ACTOR.get(), Some("loader"))));
    /// ```
    pub fn keeping(mut self, variables: &[&'static dyn Variable]) -> Self {
        self.keeping.extend_from_slice(variables);
        self
    }

    /// Handles all messages in a single scope.
    pub fn run<R>(self, handle: impl FnOnce(Vec<T>) -> R) -> R {
        let _guard = Guard::new(self.scope());
        handle(self.messages)
    }

    /// Like [`run`](Self::run), for an asynchronous handler.
    pub fn run_async<Fut: Future>(
        self,
        handle: impl FnOnce(Vec<T>) -> Fut,
    ) -> InContext<impl Future<Output = Fut::Output>> {
        let scope = self.scope();
        let messages = self.messages;
        InContext::entering(scope, async move { handle(messages).await })
    }

    fn scope(&self) -> Scope {
        let mut context = Context::empty();
        if !self.ids.is_empty() {
            let ids = LinkedRequestIds(self.ids.as_slice().into());
            context = context.with(&LINKED_REQUEST_IDS, ids);
        }
        message_scope(&context, &self.keeping)
    }
}

impl<T: fmt::Debug> fmt::Debug for Batch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("messages", &self.messages)
            .field("ids", &self.ids)
            .finish_non_exhaustive()
    }
}
