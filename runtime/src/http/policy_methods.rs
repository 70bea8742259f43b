//! The builder methods that a layer and a middleware have in common.

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
