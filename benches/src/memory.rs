//! Bytes and allocations, by a counting allocator. Programs that use this module have to install it:
//!
//! ```ignore
//! #[global_allocator]
//! static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;
//! ```
//!
//! It counts with atomics, four for each allocation and its release: so the program that measures times does not use it.

use std::alloc::System;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{env, io};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region};
use tokio::runtime::Builder;

use crate::{Case, Ticks, child};

/// What a process has allocated since this was created.
pub struct Meter(Region<'static, System>);

impl Meter {
    #[must_use]
    pub fn start() -> Self {
        Self(Region::new(&INSTRUMENTED_SYSTEM))
    }

    #[must_use]
    pub fn allocations(&self) -> usize {
        self.0.change().allocations
    }

    /// The bytes that are allocated and not freed.
    #[must_use]
    pub fn live(&self) -> usize {
        let change = self.0.change();
        change
            .bytes_allocated
            .saturating_sub(change.bytes_deallocated)
    }
}

/// The allocations of one operation, in a separate process.
///
/// # Errors
///
/// If that process fails.
pub fn allocations(case: &Case) -> io::Result<f64> {
    let printed = child::output(&env::current_exe()?, child::ALLOCATIONS, &case.name())?;
    printed.trim().parse().map_err(io::Error::other)
}

/// In the child.
pub(crate) fn run(case: &Case) -> f64 {
    const TIMES: u32 = 1_000;
    let mut run = case.prepare();
    run(TIMES);
    let meter = Meter::start();
    run(TIMES);
    let count = u32::try_from(meter.allocations()).unwrap_or(u32::MAX);
    f64::from(count) / f64::from(TIMES)
}

/// The number of pending tasks when their bytes are measured.
pub const TASKS: usize = 100_000;

/// The bytes that each of so many pending tasks takes.
///
/// # Panics
///
/// If the runtime cannot be built.
#[must_use]
pub fn per_task<F: Future<Output = ()> + Send + 'static>(
    tasks: usize,
    make: impl Fn() -> F,
) -> f64 {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let meter = Meter::start();
        for _ in 0..tasks {
            tokio::spawn(make());
        }
        // When this is polled again, each of them has been polled once.
        tokio::task::yield_now().await;
        #[expect(clippy::cast_precision_loss, reason = "far below 2 to the power of 52")]
        let per_task = meter.live() as f64 / tasks as f64;
        per_task
    })
}

/// A future that consists of so many words.
pub struct Sized<const WORDS: usize>(Ticks, [u64; WORDS]);

impl<const WORDS: usize> Future for Sized<WORDS> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        black_box(&self.1);
        Pin::new(&mut self.0).poll(cx)
    }
}

/// The bytes that a wrapper of its future adds to a pending task: the mean over sixteen sizes of futures, since tokio rounds
/// the size of a task up to the next 128 bytes.
macro_rules! more_per_task {
    ($wrap:expr) => {
        $crate::memory::more_per_task!($wrap, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($wrap:expr, $($words:literal)*) => {{
        let more = [$({
            let make = || $crate::memory::Sized::<$words>::default();
            let tasks = $crate::memory::TASKS;
            $crate::memory::per_task(tasks, || $wrap(make())) - $crate::memory::per_task(tasks, make)
        }),*];
        more.iter().sum::<f64>() / 16.0
    }};
}
pub(crate) use more_per_task;

impl<const WORDS: usize> Default for Sized<WORDS> {
    fn default() -> Self {
        Self(Ticks::default(), [0; WORDS])
    }
}

/// The memory that a wrapper takes.
#[derive(Clone, Copy)]
pub struct More {
    /// The bytes by which a future grows.
    pub future: f64,
    /// The bytes on the heap that it adds to a pending task, everything included.
    pub task: f64,
}

/// The memory that a function that wraps a future adds to one, and to a task.
macro_rules! more {
    ($wrap:expr) => {
        $crate::memory::More {
            future: $crate::memory::size(&$wrap($crate::Ticks::default()))
                - $crate::memory::size(&$crate::Ticks::default()),
            task: $crate::memory::more_per_task!($wrap),
        }
    };
}
pub(crate) use more;

#[expect(clippy::cast_precision_loss, reason = "far below 2 to the power of 52")]
pub(crate) fn size<F: Future>(future: &F) -> f64 {
    size_of_val(future) as f64
}
