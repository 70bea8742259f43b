//! One operation on two threads at once.

use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::Run;

/// Runs what `make` prepares on this thread and on a second one, at the same time and equally often.
///
/// `make` is called on either thread; what it clones is what the threads share.
pub fn on_two_threads(make: impl Fn() -> Run + Send + Sync + 'static) -> Run {
    let make = Arc::new(make);
    let (orders, received) = mpsc::channel::<Order>();
    let on_second = make.clone();
    thread::spawn(move || {
        let mut run = on_second();
        // Ends with the sender, which the other thread drops with its own part.
        for order in received {
            order.start.wait();
            run(order.times);
            order.end.wait();
        }
    });
    let mut run = make();
    Box::new(move |times| {
        let order = Order {
            times,
            start: Meeting::default(),
            end: Meeting::default(),
        };
        // If the second thread is gone, it has panicked, and said so.
        if orders.send(order.clone()).is_ok() {
            order.start.wait();
            run(times);
            order.end.wait();
        }
    })
}

#[derive(Clone)]
struct Order {
    times: u32,
    start: Meeting,
    end: Meeting,
}

/// Where two threads wait for each other without sleeping: waking up takes longer than what is measured.
#[derive(Clone, Default)]
struct Meeting(Arc<AtomicU32>);

impl Meeting {
    fn wait(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
        while self.0.load(Ordering::Acquire) < 2 {
            spin_loop();
        }
    }
}
