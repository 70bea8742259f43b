//! What a layer does with a request, whatever the framework.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use super::catch_panic::Panicked;
use crate::context::guard::Guard;
use crate::entry::{Entry, Inbound, OpenedScope};
use crate::var::ContextVar;

/// What is done with requests of type `R`, shared by all clones of a layer's services.
pub(super) struct Policy<R> {
    pub(super) entry: Entry,
    pub(super) catch_panics: bool,
    pub(super) trust: Option<Arc<Trust<R>>>,
}

type Trust<R> = dyn Fn(&R) -> bool + Send + Sync;

impl<R> Policy<R> {
    pub(super) fn new(entry: Entry) -> Arc<Self> {
        Arc::new(Self {
            entry,
            catch_panics: true,
            trust: None,
        })
    }

    #[track_caller]
    pub(super) fn extract<T>(self: &mut Arc<Self>, inbound: impl Into<Inbound<T>>)
    where
        T: Display + FromStr + Send + Sync + 'static,
        T::Err: 'static,
    {
        let policy = Arc::make_mut(self);
        policy.entry = std::mem::take(&mut policy.entry).extract(inbound);
    }

    pub(super) fn without<T>(self: &mut Arc<Self>, variable: &'static ContextVar<T>)
    where
        T: Send + Sync + 'static,
    {
        let policy = Arc::make_mut(self);
        policy.entry = std::mem::take(&mut policy.entry).without(variable);
    }

    pub(super) fn trust(
        self: &mut Arc<Self>,
        trusted: impl Fn(&R) -> bool + Send + Sync + 'static,
    ) {
        Arc::make_mut(self).trust = Some(Arc::new(trusted));
    }

    pub(super) fn catch_panics(self: &mut Arc<Self>, catch: bool) {
        Arc::make_mut(self).catch_panics = catch;
    }
}

impl<R> Policy<R> {
    /// The arrival of a request, and whether code of the policy has panicked for it (whom to trust, what to make): then
    /// it has a scope all the same, with an id, to be answered in.
    pub(super) fn arrived(arrival: Result<OpenedScope, Panicked>) -> (OpenedScope, bool) {
        match arrival {
            Ok(arrival) => (arrival, false),
            Err(panicked) => (Self::turned_away(&panicked), true),
        }
    }

    #[cold]
    fn turned_away(panicked: &Panicked) -> OpenedScope {
        // Our own policy, which runs nothing that could panic again.
        let arrival = Entry::new().arrive_anew();
        let _guard = arrival.scope.clone().map(Guard::new);
        panicked.report();
        arrival
    }
}

impl<R> Clone for Policy<R> {
    fn clone(&self) -> Self {
        Self {
            entry: self.entry.clone(),
            catch_panics: self.catch_panics,
            trust: self.trust.clone(),
        }
    }
}

impl<R> fmt::Debug for Policy<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("entry", &self.entry)
            .field("trust", &self.trust.as_ref().map(|_| ".."))
            .field("catch_panics", &self.catch_panics)
            .finish()
    }
}
