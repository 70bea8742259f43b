//! Accessors that panic, log and enter scopes at each point: only they are affected.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use futures::executor::block_on;
use propagate_context::ambient::{self, Ambient};
use propagate_context::{Context, Propagate};
use propagate_context_tests::{OnDrop, Seen};
use tokio::task::yield_now;

use super::{ID, LOCAL, read};

/// Where an accessor misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
enum Point {
    Nowhere,
    Capture,
    Enter,
    Leave,
    DropSaved,
}

static POINT: AtomicUsize = AtomicUsize::new(0);
static DEED: AtomicUsize = AtomicUsize::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);

const DEEDS: [(&str, fn()); 5] = [
    ("panics", || panic!("on purpose")),
    ("logs", || tracing::info!("of an accessor")),
    ("reads and sets", || {
        let _ = ID.get();
        let _ = ID.try_set(99).map(propagate_context::Token::reset);
    }),
    ("enters scopes", || {
        ID.sync_scope(1, || Context::current().sync_scope(|| ID.set(2)));
        Context::current().wrap(|| ())();
        block_on(async {}.in_current_context());
        drop(async {}.in_current_context());
    }),
    ("panics with a payload that panics", || {
        std::panic::panic_any(OnDrop(|| panic!("on purpose, too")));
    }),
];

fn at(point: Point) {
    if POINT.load(Relaxed) == point as usize {
        DONE.fetch_add(1, Relaxed);
        DEEDS[DEED.load(Relaxed)].1();
    }
}

struct Faulty;
struct Saved;
struct Entered;

impl Ambient for Faulty {
    type Saved = Saved;
    type Entered = Entered;

    fn capture(&self) -> Option<Saved> {
        at(Point::Capture);
        Some(Saved)
    }

    fn enter(&self, _: &Saved) -> Entered {
        at(Point::Enter);
        Entered
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        at(Point::DropSaved);
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        at(Point::Leave);
    }
}

pub(super) fn run() {
    ambient::register(Faulty);
    for point in [Point::Capture, Point::Enter, Point::Leave, Point::DropSaved] {
        for (deed, (name, _)) in DEEDS.iter().enumerate() {
            POINT.store(point as usize, Relaxed);
            DEED.store(deed, Relaxed);
            let done = DONE.load(Relaxed);
            all_ways(&format!("{name} at {point:?}"));
            assert!(
                DONE.load(Relaxed) > done,
                "{name} at {point:?}: not reached"
            );
        }
    }
    POINT.store(Point::Nowhere as usize, Relaxed);
}

fn all_ways(name: &str) {
    let both = (Some(7), 7);
    let seen = Seen::default();
    let witness = || {
        let seen = seen.clone();
        OnDrop(move || seen.note(read()))
    };
    LOCAL.set(7);
    ID.sync_scope(7, || {
        let job = Context::current().wrap(read);
        assert_eq!(thread::spawn(job).join().unwrap(), both, "{name}");
        let job = Context::current().wrap_fn(read);
        assert_eq!(thread::spawn(move || [job(), job()]).join().unwrap(), [both; 2], "{name}");
        let held = witness();
        let future = async {
            let _held = held;
            yield_now().await;
            read()
        };
        let future = future.in_current_context();
        assert_eq!(thread::spawn(|| block_on(future)).join().unwrap(), both, "{name}");
        let held = witness();
        let unpolled = async move { drop(held) }.in_current_context();
        thread::spawn(|| drop(unpolled)).join().unwrap();
        let held = witness();
        let panics = async move {
            let _held = held;
            panic!("of the future");
        };
        let panics = panics.in_current_context();
        assert!(thread::spawn(|| block_on(panics)).join().is_err(), "{name}");
        // Dropped while a thread's other thread-locals are destroyed, too.
        let late = Context::current().wrap({
            let held = witness();
            move || drop(held)
        });
        thread::spawn(|| {
            thread_local! {
                static LATE: std::cell::RefCell<Option<Box<dyn Send>>> = const { std::cell::RefCell::new(None) };
            }
            LATE.with_borrow_mut(|slot| *slot = Some(Box::new(late)));
        })
        .join()
        .unwrap();
        assert_eq!(read(), both, "{name}: the thread afterwards");
    });
    assert_eq!(seen.take(), [both; 4], "{name}");
    assert_eq!(LOCAL.replace(0), 7);
    assert_eq!(read(), (None, 0));
    assert!(ID.try_set(1).is_err());
}
