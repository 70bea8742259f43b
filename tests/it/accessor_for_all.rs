//! Registers an accessor of ambient state that always captures, so that the whole suite runs with it, if
//! `PROPAGATE_CONTEXT_ACCESSOR=1` is set.
//!
//! Tests start in alphabetical order, and this is the first one. So all other tests run with the accessor, except for
//! those that start at the same time.

use std::cell::RefCell;
use std::env;
use std::process::exit;
use std::sync::atomic::{AtomicUsize, Ordering};

use propagate_context::ambient::{self, Ambient};

thread_local! {
    /// The scopes that are entered on this thread, the innermost last.
    static ENTERED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

struct Always;

/// Holds the number of one call of `enter`.
struct Entered(usize);

impl Ambient for Always {
    type Saved = String;
    type Entered = Entered;

    fn capture(&self) -> Option<String> {
        Some("captured".to_owned())
    }

    fn enter(&self, saved: &String) -> Entered {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        if saved != "captured" {
            fail("what was captured is not what is entered");
        }
        // In destructors of thread-locals, it may already be destroyed.
        _ = ENTERED.try_with(|entered| entered.borrow_mut().push(number));
        Entered(number)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let innermost = ENTERED.try_with(|entered| entered.borrow_mut().pop());
        if innermost.is_ok_and(|innermost| innermost != Some(self.0)) {
            fail("left in another order than that of a stack, or on another thread");
        }
    }
}

/// Exits the process, because a panic of an accessor would be caught.
fn fail(why: &str) -> ! {
    eprintln!("accessor_for_all: {why}");
    exit(101)
}

#[test]
fn registers_the_accessor_if_requested() {
    if env::var_os("PROPAGATE_CONTEXT_ACCESSOR").is_some() {
        ambient::register(Always);
    }
}
