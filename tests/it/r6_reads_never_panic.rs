//! R6: a read never panics: not outside of a scope, in a destructor of a thread-local, in a panic hook or without a
//! runtime, nor inside `with`, `get`, or a `Display` or `Drop` of a stored value that reads, sets or enters itself.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Barrier, mpsc};

use propagate_context::{Context, ContextVar, visit_logged};
use propagate_context_tests::{OnDrop, Seen};

static ID: ContextVar<&str> = ContextVar::new("id");

#[test]
fn outside_every_scope() {
    assert_eq!(ID.get(), None);
    ID.with(|id| assert!(id.is_none()));
    assert!(Context::current().is_empty());
    visit_logged(|name, _| panic!("nothing to visit, found {name}"));
}

#[test]
fn a_default_is_read_if_nothing_is_set() {
    static LOCALE: ContextVar<String> = ContextVar::new("locale")
        .default_with(|| "en".to_owned())
        .logged();
    assert_eq!(LOCALE.get().as_deref(), Some("en"));
    LOCALE.sync_scope("de".to_owned(), || {
        assert_eq!(LOCALE.get().as_deref(), Some("de"));
    });
    Context::empty()
        .sync_scope(|| visit_logged(|name, _| panic!("a default is never logged, found {name}")));
    assert_eq!(Context::empty().get(&LOCALE), None);
}

#[test]
fn a_default_that_reads_its_own_variable() {
    static SELF: ContextVar<bool> =
        ContextVar::new("self").default_with(|| SELF.get().is_none() && OTHER.get().is_some());
    static OTHER: ContextVar<bool> = ContextVar::new("other").default_with(|| SELF.get().is_none());
    assert_eq!(SELF.get(), Some(true));
    assert_eq!(OTHER.get(), Some(true));
}

#[test]
fn defaults_that_read_each_other_on_two_threads() {
    static BOTH_ARE_MADE: Barrier = Barrier::new(2);
    static ONE: ContextVar<bool> = ContextVar::new("one").default_with(|| {
        BOTH_ARE_MADE.wait();
        OTHER.get().is_some()
    });
    static OTHER: ContextVar<bool> = ContextVar::new("other").default_with(|| {
        BOTH_ARE_MADE.wait();
        ONE.get().is_some()
    });
    let reads = [&ONE, &OTHER].map(|variable| std::thread::spawn(|| variable.get()));
    for read in reads {
        assert!(read.join().unwrap().is_some());
    }
}

#[test]
fn in_destructors_of_thread_locals_in_both_orders() {
    thread_local! {
        static BEFORE: RefCell<Option<Box<dyn std::any::Any>>> = const { RefCell::new(None) };
        static AFTER: RefCell<Option<Box<dyn std::any::Any>>> = const { RefCell::new(None) };
    }
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let witness = || {
            let sender = sender.clone();
            Box::new(OnDrop(move || {
                let inside = ID.sync_scope("in the end", || {
                    ID.set("and after");
                    ID.get()
                });
                sender.send((ID.get(), inside)).unwrap();
            }))
        };
        BEFORE.with(|slot| *slot.borrow_mut() = Some(witness()));
        ID.sync_scope("a", || assert_eq!(ID.get(), Some("a")));
        AFTER.with(|slot| *slot.borrow_mut() = Some(witness()));
    })
    .join()
    .unwrap();
    assert_eq!(
        receiver.iter().collect::<Vec<_>>(),
        [(None, Some("and after")); 2]
    );
}

#[test]
fn inside_a_read() {
    ID.sync_scope("outer", || {
        let seen = ID.with(|before| {
            assert_eq!(ID.get(), Some("outer"));
            ID.set("written");
            ID.sync_scope("nested", || assert_eq!(ID.get(), Some("nested")));
            let now = ID.get();
            (before.copied(), now)
        });
        assert_eq!(seen, (Some("outer"), Some("written")));
    });
}

/// A value that reads, sets and enters in each of its operations.
struct Busy(Seen<Option<&'static str>>);

static BUSY: ContextVar<Busy> = ContextVar::new("busy").logged();

impl Busy {
    fn act(&self) {
        self.0.note(ID.get());
        let _ = ID.try_set("set by a value");
        ID.sync_scope("nested", || self.0.note(ID.get()));
        visit_logged(|_, _| {});
        let _ = Context::current();
    }
}

impl Clone for Busy {
    fn clone(&self) -> Self {
        self.act();
        Self(self.0.clone())
    }
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.act();
        f.write_str("busy")
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.act();
    }
}

#[test]
fn while_a_value_is_cloned_formatted_and_dropped() {
    let seen = Seen::default();
    Context::empty().with(&ID, "a").sync_scope(|| {
        BUSY.set(Busy(seen.clone()));
        assert_eq!(seen.take(), []);
        drop(BUSY.get());
        assert_eq!(
            seen.take().first(),
            Some(&Some("a")),
            "cloning saw no context"
        );
        let mut shown = Vec::new();
        visit_logged(|name, value| shown.push(format!("{name}={value}")));
        assert_eq!(shown, ["busy=busy"]);
        let _ = seen.take();
        ID.set("b");
        // The token holds the previous value, which is dropped here, in the scope.
        drop(BUSY.set(Busy(seen.clone())));
        assert_eq!(seen.take(), [Some("b"), Some("nested")]);
    });
    // The last value is dropped after its scope has ended.
    assert_eq!(seen.take(), [None, Some("nested")]);
}

#[test]
fn a_token_that_drops_values_on_reset() {
    let seen = Seen::default();
    ID.sync_scope("a", || {
        let token = BUSY.set(Busy(seen.clone()));
        token.reset();
        assert_eq!(seen.take().first(), Some(&Some("a")));
        assert!(BUSY.with(|busy| busy.is_none()));
        // A token that resets nothing drops the value that it would have restored.
        BUSY.set(Busy(seen.clone()));
        let token = BUSY.set(Busy(seen.clone()));
        let _ = seen.take();
        Context::empty().sync_scope(|| token.reset());
        assert_eq!(seen.take().first(), Some(&None));
    });
}

#[test]
fn a_rejected_value_can_read_in_its_destructor() {
    let seen = Seen::default();
    assert!(BUSY.try_set(Busy(seen.clone())).is_err());
    assert_eq!(seen.take(), [None, Some("nested")]);
}
