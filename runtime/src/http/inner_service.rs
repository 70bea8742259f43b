//! Access to the service that one of ours wraps.

/// `get_ref`, `get_mut` and `into_inner` of a service with a field `inner`.
macro_rules! inner_service_methods {
    ($type:ident) => {
        impl<S> $type<S> {
            /// The inner service.
            pub const fn get_ref(&self) -> &S {
                &self.inner
            }

            /// The inner service.
            pub fn get_mut(&mut self) -> &mut S {
                &mut self.inner
            }

            /// Takes the inner service out.
            pub fn into_inner(self) -> S {
                self.inner
            }
        }
    };
}
pub(super) use inner_service_methods;
