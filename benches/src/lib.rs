//! The same work, done by `propagate-context`, by its peers, and by the bare machine.
//!
//! A [`Case`] is one operation as one subject does it. The harnesses in `benches/` count the instructions and take
//! the times of every case; `src/bin/` sets them beside each other.

pub mod callgrind;
mod case;
pub mod floor;
pub mod lines;
pub mod memory;
pub mod ours;
#[cfg(feature = "peers")]
mod peers;
pub mod request;
pub mod sizes;

pub use case::{Case, Run, Ticks, poll_once, poll_repeatedly, spawn_repeatedly};

/// How many variables are set where an operation is looked at as they grow.
pub const SIZES: [usize; 5] = [1, 4, 16, 64, 256];

/// How many tasks are pending where that is what grows.
pub const TASK_COUNTS: [usize; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// Every case there is, in the order of the table.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = floor::cases();
    cases.extend(ours::cases());
    cases.extend(lines::cases());
    cases.extend(request::cases());
    #[cfg(feature = "peers")]
    cases.extend(peers::cases());
    cases
}
