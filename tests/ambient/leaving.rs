//! Several accessors: they are left in the opposite order, inside of the scope, and a snapshot can be entered many times.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use futures::executor::block_on;
use propagate_context::Context;
use propagate_context::ambient::{self, Ambient};

use super::{ID, LOCAL, read};

static ENABLED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static LEFT: RefCell<Vec<(&'static str, Option<u32>)>> = const { RefCell::new(Vec::new()) };
}

struct Named(&'static str);

struct Leaves(&'static str);

impl Ambient for Named {
    type Saved = &'static str;
    type Entered = Leaves;

    fn capture(&self) -> Option<&'static str> {
        ENABLED.load(Ordering::Relaxed).then_some(self.0)
    }

    fn enter(&self, saved: &&'static str) -> Leaves {
        Leaves(saved)
    }
}

impl Drop for Leaves {
    fn drop(&mut self) {
        LEFT.with_borrow_mut(|left| left.push((self.0, ID.get())));
    }
}

pub(super) fn run() {
    ambient::register(Named("first"));
    ambient::register(Named("second"));
    ENABLED.store(true, Ordering::Relaxed);
    let context = ID.sync_scope(7, || {
        LOCAL.set(3);
        Context::current()
    });
    LOCAL.set(0);
    ENABLED.store(false, Ordering::Relaxed);

    let elsewhere = |f: &(dyn Fn() + Sync)| {
        let left = || {
            f();
            LEFT.take()
        };
        thread::scope(|scope| scope.spawn(left).join().unwrap())
    };
    let both = [("second", Some(7)), ("first", Some(7))];
    assert_eq!(elsewhere(&|| context.sync_scope(|| ())), both);
    assert_eq!(elsewhere(&|| drop(context.clone().scope(async {}))), both);

    // Two futures of one snapshot, which is kept.
    let [one, two] = [(); 2].map(|()| context.clone().scope(async { read() }));
    assert_eq!(block_on(one), (Some(7), 3));
    assert_eq!(block_on(two), (Some(7), 3));
    assert_eq!(context.sync_scope(read), (Some(7), 3));
    LEFT.take();
}
