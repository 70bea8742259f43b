//! What a layer does with a request, whatever the framework.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use super::catch_panic::{Panicked, catch};
use crate::context::guard::Guard;
use crate::entry::{Entry, Inbound, OpenedScope, Opener};
use crate::propagation::carrier::Carrier;
use crate::request_id::RequestId;
use crate::var::ContextVar;

/// What is done with requests of type `R`, shared by all clones of a layer's services.
pub(super) struct Policy<R> {
    pub(super) entry: Entry,
    pub(super) catch_panics: bool,
    trust: Option<Arc<Decide<R>>>,
    skip: Option<Arc<Decide<R>>>,
    make_id: Option<Arc<MakeId<R>>>,
}

type Decide<R> = dyn Fn(&R) -> bool + Send + Sync;
type MakeId<R> = dyn Fn(&R) -> RequestId + Send + Sync;

/// A request on its way to the inner service.
pub(super) struct Arrived {
    pub(super) opened: OpenedScope,
    /// Whether code of the policy has panicked: then the request has a scope all the same, with an id.
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

    /// Whether a function of the user inspects the request.
    pub(super) fn inspects_requests(&self) -> bool {
        self.trust.is_some() || self.skip.is_some() || self.make_id.is_some()
    }

    /// Opens or joins the scope of a request that no function of the user inspects.
    pub(super) fn open(&self, request: &dyn Carrier) -> Arrived {
        // Parsers and makers may be code of the user.
        Self::arrived(catch(self.catch_panics, || {
            self.entry.open_or_join(request, true, None, Opener::Server)
        }))
    }

    /// Opens or joins the scope of a request; `None` where it is to be skipped.
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
        // A policy of this crate, which runs nothing that could panic again.
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

/// The builder methods of a layer or middleware with a field `policy`. `$headers` and `$path` are read from a `request` in
/// the examples.
macro_rules! policy_methods {
    ($type:ident, $request:ty, $headers:literal, $path:literal) => {
        impl Default for $type {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $type {
            /// Extracts or generates `x-request-id`, echoes it in the response, and forwards `traceparent` and
            /// `tracestate`.
            pub fn new() -> Self {
                Self::with_policy(Entry::new())
            }

            /// Uses the policy `entry`, which messages and jobs can share.
            ///
            /// ```
            /// use propagate_context::entry::Entry;
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::with_policy(Entry::new().logged_trace_id(true));")]
            /// # drop(layer);
            /// ```
            pub fn with_policy(entry: Entry) -> Self {
                Self {
                    policy: Policy::new(entry),
                }
            }

            /// Extracts a further variable, or changes how one is extracted: see [`Entry::extract`].
            ///
            /// ```
            /// use propagate_context::ContextVar;
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            /// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::new().extract(&TENANT);")]
            /// # drop(layer);
            /// ```
            ///
            /// # Panics
            ///
            /// If there is no place to look: the variable is declared with neither a header nor a baggage key, and none
            /// is given here.
            #[track_caller]
            pub fn extract<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
            where
                T: Display + FromStr + Send + Sync + 'static,
                T::Err: 'static,
            {
                self.policy.extract(inbound);
                self
            }

            /// Does not extract `variable`.
            ///
            /// ```
            /// use propagate_context::REQUEST_ID;
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::new().without(&REQUEST_ID); // forwards the trace alone")]
            /// # drop(layer);
            /// ```
            pub fn without<T: Send + Sync + 'static>(
                mut self,
                variable: &'static ContextVar<T>,
            ) -> Self {
                self.policy.without(variable);
                self
            }

            /// Reads only requests that `trusted` returns `true` for.
            ///
            /// From other requests the headers and `baggage` members of the declared variables, the request id and the
            /// trace are *removed*, so that no inner layer, entry or handler relies on them.
            ///
            /// ```
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::new().trust(|request| ", $headers, ".contains_key(\"x-from-our-proxy\"));")]
            /// # drop(layer);
            /// ```
            pub fn trust(
                mut self,
                trusted: impl Fn(&$request) -> bool + Send + Sync + 'static,
            ) -> Self {
                self.policy.trust(trusted);
                self
            }

            /// Passes requests on as they are, without a scope and an id, where `skipped` returns `true`: health checks,
            /// metrics.
            ///
            /// ```
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::new().skip(|request| ", $path, " == \"/health\");")]
            /// # drop(layer);
            /// ```
            pub fn skip(
                mut self,
                skipped: impl Fn(&$request) -> bool + Send + Sync + 'static,
            ) -> Self {
                self.policy.skip(skipped);
                self
            }

            /// Generates the id of a request that has no valid one, from the request itself: instead of
            /// [`Inbound::generate`].
            ///
            /// ```
            /// use propagate_context::RequestId;
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::new().generate(|request| match ", $headers, ".get(\"x-job-id\") {")]
            ///     Some(job) => job.to_str().unwrap_or_default().parse().unwrap_or_else(|_| RequestId::new_v4()),
            ///     None => RequestId::new_v4(),
            /// });
            /// # drop(layer);
            /// ```
            pub fn generate(
                mut self,
                make: impl Fn(&$request) -> RequestId + Send + Sync + 'static,
            ) -> Self {
                self.policy.generate(make);
                self
            }

            /// Whether a panic of an inner service becomes a plain 500 response with the id, which is the default.
            ///
            /// With `false` it unwinds to outer layers, such as a `CatchPanicLayer` with a page of its own.
            ///
            /// ```
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::new().catch_panics(false);")]
            /// # drop(layer);
            /// ```
            pub fn catch_panics(mut self, catch: bool) -> Self {
                self.policy.catch_panics(catch);
                self
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type))
                    .field("policy", &self.policy)
                    .finish()
            }
        }
    };
}
pub(super) use policy_methods;
