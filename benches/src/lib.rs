//! The same work, done by `propagate-context`, by its peers, and without a library.
//!
//! A [`Case`] is one operation of one subject. [`callgrind`] counts its instructions and locked operations, [`times`]
//! measures the times of all subjects of an operation in turn, [`memory`] counts its allocations; the programs in
//! `src/bin/` compare them.

pub mod audited;
pub mod callgrind;
mod case;
pub mod child;
pub mod floor;
pub mod lines;
pub mod memory;
pub mod ours;
pub mod part;
#[cfg(feature = "peers")]
mod peers;
pub mod request;
pub mod sizes;
pub mod threads;
pub mod times;

pub use case::{
    Case, NAME, Run, SIZES, SMALL_SIZES, TASK_COUNTS, Ticks, poll_in_turn, poll_once,
    poll_repeatedly, spawn_repeatedly,
};

/// All cases, in the order of the table.
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
