//! Messages of several requests that are handled at once.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::future::Future;
use std::sync::Arc;

use crate::context::current;
use crate::context::frame::Frame;
use crate::context::in_context::InContext;
use crate::context::overlay::Overlay;
use crate::messaging::carried::Carried;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::var::ContextVar;

/// The ids of the requests that a batch works for, on every log line of it; none of them is *the* request id.
pub static LINKED_REQUEST_IDS: ContextVar<LinkedRequestIds> =
    ContextVar::new("linked_request_ids").logged();

/// Several request ids, without repetitions, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkedRequestIds(Arc<[RequestId]>);

impl LinkedRequestIds {
    /// The ids.
    #[must_use]
    pub fn as_slice(&self) -> &[RequestId] {
        &self.0
    }
}

/// The ids with commas between them.
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

/// Messages of several requests that are handled at once, as by a `DataLoader` or a bulk insert.
///
/// It runs in the receiver's scope without a request id, since it belongs to none alone, and with
/// [`LINKED_REQUEST_IDS`].
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
#[derive(Clone, Debug)]
#[must_use = "a batch does nothing until it is run"]
pub struct Batch<T> {
    messages: Vec<T>,
    ids: Vec<RequestId>,
}

impl<T> FromIterator<Carried<T>> for Batch<T> {
    fn from_iter<I: IntoIterator<Item = Carried<T>>>(carried: I) -> Self {
        let mut batch = Self {
            messages: Vec::new(),
            ids: Vec::new(),
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
    /// Handles all messages in one scope.
    pub fn run<R>(self, handle: impl FnOnce(Vec<T>) -> R) -> R {
        let _guard = Overlay::new().enter();
        link(self.ids);
        handle(self.messages)
    }

    /// Like [`run`](Self::run), for a handler that awaits. The receiver's scope is the one that is current at the first
    /// poll.
    pub fn run_async<Fut: Future>(
        self,
        handle: impl FnOnce(Vec<T>) -> Fut,
    ) -> InContext<impl Future<Output = Fut::Output>> {
        let Self { messages, ids } = self;
        Overlay::new().scope(async move {
            link(ids);
            handle(messages).await
        })
    }
}

/// Puts the ids of the batch in place of the receiver's id, and of what a batch around this one has linked.
fn link(ids: Vec<RequestId>) {
    replace(&REQUEST_ID, None);
    let linked = (!ids.is_empty()).then(|| LinkedRequestIds(ids.into()));
    replace(&LINKED_REQUEST_IDS, linked);
}

/// Sets a variable in the scope that runs, or takes its value out.
fn replace<T: Send + Sync + 'static>(variable: &'static ContextVar<T>, value: Option<T>) {
    let index = variable.index_or_assign();
    let value = value.map(|value| variable.bind(value));
    // Dropped when the slot is filled again.
    let _old = current::update(|scope| Frame::replace(scope?, index, value, false));
}
