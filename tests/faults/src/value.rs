//! Values whose trait implementations read, write, enter scopes, or panic.

use std::fmt;
use std::panic::resume_unwind;

use propagate_context::{Context, ContextVar, visit_logged};

use crate::ID;

/// What the code of a value does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Reads its own variable and others.
    Read,
    /// Writes them.
    Set,
    /// Enters scopes.
    Enter,
    /// Panics.
    Panic,
}

/// The trait implementation in which it does that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum In {
    /// Its destructor.
    Drop,
    /// Its `Clone`.
    Clone,
    /// Its `Display`.
    Display,
}

/// A value.
#[derive(Debug)]
pub struct Value(pub In, pub Does);

/// A variable of such values.
pub static VALUE: ContextVar<Value> = ContextVar::new("value").logged();

impl Value {
    fn run(&self, now: In) {
        if self.0 != now {
            return;
        }
        match self.1 {
            Does::Read => {
                VALUE.with(|value| assert!(value.is_none_or(|value| value.1 == Does::Read)));
                assert_ne!(ID.get(), Some("foreign"));
            }
            Does::Set => {
                let _token = ID.try_set("by the value");
            }
            Does::Enter => {
                ID.sync_scope("inside", || {
                    Context::empty().sync_scope(|| assert_eq!(ID.get(), None));
                });
            }
            // Never a second one: that aborts the process.
            Does::Panic if std::thread::panicking() => {}
            Does::Panic => resume_unwind(Box::new("on purpose")),
        }
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.run(In::Drop);
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.run(In::Clone);
        Self(self.0, self.1)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.run(In::Display);
        f.write_str("value")
    }
}

/// Sets, replaces, reads, displays, resets and drops such a value, in a scope and in a child.
///
/// # Panics
///
/// If the value does, or if the child has no value.
pub fn use_in_every_way(at: In, does: Does) {
    VALUE.sync_scope(Value(at, does), || {
        let token = VALUE.set(Value(at, does));
        let child = Context::current().wrap(|| VALUE.get().is_some());
        let _copy = VALUE.get();
        visit_logged(|_, value| {
            let _shown = value.to_string();
        });
        VALUE.set(Value(at, does));
        token.reset();
        assert!(child());
    });
}
