//! What other libraries keep in thread-locals is propagated once an accessor is registered. Accessors are global: so this is a
//! separate program, whose tests run one after the other.

mod faulty;
mod leaving;
mod matrix;
mod nested;
mod span;

use std::cell::Cell;

use propagate_context::ContextVar;
use propagate_context::ambient::{self, Ambient};

static ID: ContextVar<u32> = ContextVar::new("id").logged();

thread_local! {
    /// The state of another library.
    static LOCAL: Cell<u32> = const { Cell::new(0) };
}

struct Local;

struct Restore(u32);

impl Ambient for Local {
    type Saved = u32;
    type Entered = Restore;

    fn capture(&self) -> Option<u32> {
        Some(LOCAL.get()).filter(|&local| local != 0)
    }

    fn enter(&self, saved: &u32) -> Restore {
        Restore(LOCAL.replace(*saved))
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        LOCAL.set(self.0);
    }
}

type Read = (Option<u32>, u32);

fn read() -> Read {
    (ID.get(), LOCAL.get())
}

#[test]
fn ambient_state_is_propagated() {
    matrix::run(false);
    ambient::register(Local);
    matrix::run(true);
    faulty::run();
    span::run();
    nested::run();
    leaving::run();
    matrix::run(true);
}
