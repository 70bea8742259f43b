//! Accessors for the inner service of a wrapper.

/// Implements `get_ref`, `get_mut` and `into_inner` for a service with a field `inner`.
macro_rules! inner_service_methods {
    ($type:ident) => {
        impl<S> $type<S> {
            /// Returns a reference to the inner service.
            pub const fn get_ref(&self) -> &S {
                &self.inner
            }

            /// Returns a mutable reference to the inner service.
            pub fn get_mut(&mut self) -> &mut S {
                &mut self.inner
            }

            /// Consumes the wrapper and returns the inner service.
            pub fn into_inner(self) -> S {
                self.inner
            }
        }
    };
}
pub(super) use inner_service_methods;
