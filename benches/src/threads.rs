//! One operation on two threads at once.

use std::cell::Cell;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Run;

/// How often two threads are restarted until they run at the same time, on a busy machine.
const TRIES: usize = 3;

thread_local! {
    static MEASURED: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// The time of the last run on two threads, from the first start to the last end, without waking the second thread.
pub(crate) fn measured() -> Option<Duration> {
    MEASURED.take()
}

/// Runs the operation that `make` prepares on this thread and on a second one, at the same time and equally often.
///
/// `make` is called on both threads; they share what it clones.
pub fn on_two_threads(make: impl Fn() -> Run + Send + Sync + 'static) -> Run {
    let make = Arc::new(make);
    let (orders, received) = mpsc::channel::<Order>();
    let (ran, second) = mpsc::channel::<Span>();
    let on_second = make.clone();
    thread::spawn(move || {
        let mut run = on_second();
        // Ends when the other thread drops the sender.
        for order in received {
            if ran.send(order.follow(&mut run)).is_err() {
                break;
            }
        }
    });
    let mut run = make();
    Box::new(move |times| {
        for _ in 0..TRIES {
            let order = Order::new(times);
            // A panic of the second thread has been reported already.
            let Ok(()) = orders.send(order.clone()) else {
                return;
            };
            let own = order.follow(&mut run);
            let Ok(other) = second.recv() else { return };
            MEASURED.set(Some(own.with(other)));
            if own.overlaps(other) {
                return;
            }
        }
    })
}

#[derive(Clone)]
struct Order {
    times: u32,
    /// The number of threads that are ready to start. They spin, since waking up takes longer than what is measured.
    ready: Arc<AtomicU32>,
}

impl Order {
    fn new(times: u32) -> Self {
        Self {
            times,
            ready: Arc::default(),
        }
    }

    fn follow(&self, run: &mut Run) -> Span {
        self.ready.fetch_add(1, Ordering::AcqRel);
        let mut waited = 0_u32;
        while self.ready.load(Ordering::Acquire) < 2 {
            waited += 1;
            if waited < 10_000 {
                spin_loop();
            } else {
                // The other thread does not have a processor.
                thread::yield_now();
            }
        }
        let start = Instant::now();
        run(self.times);
        Span(start, Instant::now())
    }
}

/// When a thread began and ended.
#[derive(Clone, Copy)]
struct Span(Instant, Instant);

impl Span {
    fn with(self, other: Self) -> Duration {
        self.1.max(other.1) - self.0.min(other.0)
    }

    /// Whether both ran all the time: if one was interrupted, it took longer than the other.
    fn overlaps(self, other: Self) -> bool {
        let both = self
            .1
            .min(other.1)
            .saturating_duration_since(self.0.max(other.0));
        both * 10 > self.with(other) * 9
    }
}
