//! The parts of the quickstart that have unit tests: a client, and a count of the log lines that have the id of their
//! request.

mod client;
mod format;
mod lines;
mod outcome;
mod paint;
pub mod report;

pub use client::{Order, Response, send};
pub use format::Format;
pub use lines::{Line, Lines};
pub use outcome::{Count, Outcome};
pub use paint::Paint;
