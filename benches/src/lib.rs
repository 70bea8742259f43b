//! The same work, done by `propagate-context`, by its peers, and by the bare machine.
//!
//! A [`Case`] is one operation as one subject does it. The harnesses in `benches/` count the instructions and take
//! the times of every case; `src/bin/` sets them beside each other.

pub mod audited;
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

pub use case::{
    Case, Run, SIZES, TASK_COUNTS, Ticks, poll_once, poll_repeatedly, spawn_repeatedly,
};

/// Every case there is, in the order of the table.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = floor::cases();
    cases.extend(ours::cases());
    cases.extend(lines::cases());
    cases.extend(request::cases());
    cases.extend(audited::cases());
    #[cfg(feature = "peers")]
    cases.extend(peers::cases());
    cases
}
