//! The policy of a server layer or middleware, independent of the framework.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use super::catch_panic::{Panicked, catch};
use crate::context::guard::Guard;
use crate::entry::{Entry, Inbound, OpenedScope, Opener};
use crate::propagation::carrier::Carrier;
use crate::request_id::RequestId;
use crate::var::ContextVar;

/// The policy for requests of type `R`, shared by all clones of a layer's services.
pub(super) struct Policy<R> {
    pub(super) entry: Entry,
    pub(super) catch_panics: bool,
    trust: Option<Arc<Decide<R>>>,
    skip: Option<Arc<Decide<R>>>,
    make_id: Option<Arc<MakeId<R>>>,
}

type Decide<R> = dyn Fn(&R) -> bool + Send + Sync;
type MakeId<R> = dyn Fn(&R) -> RequestId + Send + Sync;

/// A request whose scope is open, before it is passed to the inner service.
pub(super) struct Arrived {
    pub(super) opened: OpenedScope,
    /// Whether user code of the policy has panicked. The request then still has a scope with an id.
    pub(super) panicked: bool,
}

impl<R> Policy<R> {
    pub(super) fn new(entry: Entry) -> Arc<Self> {
        Arc::new(Self {
            entry,
            catch_panics: true,
            trust: None,
            skip: None,
            make_id: None,
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

    pub(super) fn skip(self: &mut Arc<Self>, skipped: impl Fn(&R) -> bool + Send + Sync + 'static) {
        Arc::make_mut(self).skip = Some(Arc::new(skipped));
    }

    pub(super) fn generate(
        self: &mut Arc<Self>,
        make: impl Fn(&R) -> RequestId + Send + Sync + 'static,
    ) {
        Arc::make_mut(self).make_id = Some(Arc::new(make));
    }

    pub(super) fn catch_panics(self: &mut Arc<Self>, catch: bool) {
        Arc::make_mut(self).catch_panics = catch;
    }

    /// Returns whether the policy has a user function that inspects the request.
    pub(super) fn inspects_requests(&self) -> bool {
        self.trust.is_some() || self.skip.is_some() || self.make_id.is_some()
    }

    /// Opens or joins the scope of a request, for a policy without functions that inspect the request.
    pub(super) fn open(&self, request: &dyn Carrier) -> Arrived {
        // Parsers and generators may be user code.
        Self::arrived(catch(self.catch_panics, || {
            self.entry.open_or_join(request, true, None, Opener::Server)
        }))
    }

    /// Opens or joins the scope of a request. Returns `None` if the request is to be skipped.
    pub(super) fn open_inspected(&self, request: &R) -> Option<Arrived>
    where
        R: Carrier,
    {
        let opened = catch(self.catch_panics, || {
            if self.skip.as_ref().is_some_and(|skipped| skipped(request)) {
                return None;
            }
            let trusted = self.trust.as_ref().is_none_or(|trusted| trusted(request));
            let opened = match &self.make_id {
                None => self
                    .entry
                    .open_or_join(request, trusted, None, Opener::Server),
                Some(make) => {
                    let make_id = &mut || make(request);
                    self.entry
                        .open_or_join(request, trusted, Some(make_id), Opener::Server)
                }
            };
            Some(opened)
        });
        opened.transpose().map(Self::arrived)
    }

    fn arrived(opened: Result<OpenedScope, Panicked>) -> Arrived {
        let panicked = opened.is_err();
        let opened = opened.unwrap_or_else(|panicked| Self::open_after_panic(&panicked));
        Arrived { opened, panicked }
    }

    #[cold]
    fn open_after_panic(panicked: &Panicked) -> OpenedScope {
        // The default policy runs no user code, so nothing can panic again.
        let opened = Entry::new().open_unread();
        let _guard = opened.scope.clone().map(Guard::new);
        panicked.report();
        opened
    }
}

impl<R> Clone for Policy<R> {
    fn clone(&self) -> Self {
        Self {
            entry: self.entry.clone(),
            catch_panics: self.catch_panics,
            trust: self.trust.clone(),
            skip: self.skip.clone(),
            make_id: self.make_id.clone(),
        }
    }
}

impl<R> fmt::Debug for Policy<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("entry", &self.entry)
            .field("trust", &self.trust.as_ref().map(|_| ".."))
            .field("skip", &self.skip.as_ref().map(|_| ".."))
            .field("generate", &self.make_id.as_ref().map(|_| ".."))
            .field("catch_panics", &self.catch_panics)
            .finish()
    }
}
