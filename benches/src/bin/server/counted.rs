//! The same servers with a counting allocator, which would slow down those that are timed.

mod handwritten;
mod serve;

use std::alloc::System;
use std::io;

use serve::Kind;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> io::Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let kind = Kind::of_name(&name);
    serve::run(kind.ok_or_else(|| io::Error::other("started by `server`, with the name of one"))?)
}
