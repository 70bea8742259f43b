//! What the examples share: a client, and a count of which log lines have the id of their request.

mod client;
mod format;
mod lines;
mod tally;

pub use client::{Answer, Order, send};
pub use format::Format;
pub use lines::{Line, Lines};
pub use tally::Tally;
