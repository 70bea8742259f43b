//! The builder methods that `ContextLayer` and `ContextMiddleware` have in common.

/// Implements the builder methods of a layer or middleware with a field `policy`. `$headers` and `$path` are
/// expressions that the examples use to read them from a `request`.
macro_rules! policy_methods {
    ($type:ident, $request:ty, $headers:literal, $path:literal) => {
        impl Default for $type {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $type {
            /// Creates the default policy, which extracts or generates `x-request-id`, echoes it in the response, and
            /// forwards `traceparent` and `tracestate`.
            pub fn new() -> Self {
                Self::with_policy(Entry::new())
            }

            /// Uses `entry` as the policy. The same entry can also be used for messages and jobs.
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

            /// Extracts another variable, or changes how one is extracted: see [`Entry::extract`].
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
            /// Panics if the variable is declared with neither a header nor a baggage key, and `inbound` specifies none
            /// either.
            #[track_caller]
            pub fn extract<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
            where
                T: Display + FromStr + Send + Sync + 'static,
                T::Err: 'static,
            {
                self.policy.extract(inbound);
                self
            }

            /// Removes `variable` from the variables that are extracted.
            ///
            /// ```
            /// use propagate_context::REQUEST_ID;
            #[doc = concat!("use propagate_context::http::", stringify!($type), ";")]
            ///
            #[doc = concat!("let layer = ", stringify!($type), "::new().without(&REQUEST_ID); // forwards only the trace")]
            /// # drop(layer);
            /// ```
            pub fn without<T: Send + Sync + 'static>(
                mut self,
                variable: &'static ContextVar<T>,
            ) -> Self {
                self.policy.without(variable);
                self
            }

            /// Extracts values only from requests for which `trusted` returns `true`.
            ///
            /// From other requests, the headers and `baggage` members of the declared variables, the request id and the
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

            /// Passes a request on unchanged, without a scope or an id, if `skipped` returns `true` for it.
            ///
            /// Use it for requests such as health checks and metrics.
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

            /// Sets a function that generates an id from the request if the request has no valid one.
            ///
            /// It is used instead of [`Inbound::generate`].
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

            /// Sets whether a panic of the inner service becomes a plain 500 response with the id.
            ///
            /// The default is `true`. With `false`, the panic unwinds to outer layers, such as a `CatchPanicLayer` with
            /// a custom error page.
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
