//! What is measured: one operation of one subject.

use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::runtime::Builder;
use tokio::task::JoinHandle;

/// A value of the usual length.
pub const NAME: &str = "0198f6d2-7c1b-7e37-9d5c-3f1f2f6a8b11";

/// The numbers of variables by which the growth of an operation is measured.
pub const SIZES: [usize; 7] = [1, 4, 16, 64, 256, 512, 4_096];

/// The same for subjects that need a type for each value, or copy all of them at each write.
pub const SMALL_SIZES: [usize; 5] = [1, 4, 16, 64, 256];

/// The numbers of pending tasks by which growth is measured.
pub const TASK_COUNTS: [usize; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// The number of futures that are polled in turn, instead of a single one that is polled repeatedly.
const IN_TURN: usize = 64;

/// Runs the operation so many times.
pub type Run = Box<dyn FnMut(u32)>;

/// One operation of one subject.
pub struct Case {
    pub operation: String,
    pub subject: &'static str,
    /// Whether its instructions are counted: not if several threads do the work.
    pub counted: bool,
    /// Whether the counts are the same in each run: not if they depend on addresses.
    pub repeats: bool,
    make: Box<dyn Fn() -> Run>,
}

impl Case {
    /// `make` prepares what is not measured.
    pub fn new(
        operation: impl Into<String>,
        subject: &'static str,
        make: impl Fn() -> Run + 'static,
    ) -> Self {
        Self {
            operation: operation.into(),
            subject,
            counted: true,
            repeats: true,
            make: Box::new(make),
        }
    }

    #[must_use]
    pub fn timed_only(self) -> Self {
        Self {
            counted: false,
            repeats: false,
            ..self
        }
    }

    #[must_use]
    pub fn ungated(self) -> Self {
        Self {
            repeats: false,
            ..self
        }
    }

    #[must_use]
    pub fn prepare(&self) -> Run {
        (self.make)()
    }

    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.operation == other.operation && self.subject == other.subject
    }

    /// The name in the tables.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.operation, self.subject)
    }
}

/// A future that is never ready, and does hardly anything at a poll.
#[derive(Default)]
pub struct Ticks(u64);

impl Future for Ticks {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 = black_box(self.0 + 1);
        Poll::Pending
    }
}

/// Polls a future that is never ready, as an executor would.
pub fn poll_repeatedly(future: impl Future<Output = ()> + 'static) -> Run {
    let mut future = Box::pin(future);
    Box::new(move |times| {
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..times {
            let _ = black_box(black_box(&mut future).as_mut().poll(&mut cx));
        }
    })
}

/// Polls many futures in turn, as an executor with many tasks would: a poll does not read what the previous one has just
/// written.
pub fn poll_in_turn<F: Future<Output = ()> + 'static>(make: impl Fn() -> F) -> Run {
    let mut futures: Vec<Pin<Box<F>>> = (0..IN_TURN).map(|_| Box::pin(make())).collect();
    Box::new(move |times| {
        let mut cx = Context::from_waker(Waker::noop());
        let mut left = usize::try_from(times).unwrap_or(usize::MAX);
        while left > 0 {
            let now = left.min(IN_TURN);
            for future in &mut futures[..now] {
                let _ = black_box(black_box(future).as_mut().poll(&mut cx));
            }
            left -= now;
        }
    })
}

/// Spawns a task and awaits it, on a runtime of one thread.
///
/// # Panics
///
/// If the runtime cannot be built.
pub fn spawn_repeatedly(spawn: impl Fn() -> JoinHandle<u64> + 'static) -> Run {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    Box::new(move |times| {
        runtime.block_on(async {
            for _ in 0..times {
                black_box(
                    spawn()
                        .await
                        .expect("the task is neither aborted nor panics"),
                );
            }
        });
    })
}

/// The output of a future that is ready at its first poll.
///
/// # Panics
///
/// If it is not ready.
pub fn poll_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future that was to be ready at once is not"),
    }
}
