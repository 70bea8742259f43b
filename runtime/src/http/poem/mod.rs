//! poem: `#[context_entry]` on handlers, and `ContextLayer` as a middleware for a whole application.

mod body;
mod handler;
mod middleware;

pub use self::middleware::ContextEndpoint;
