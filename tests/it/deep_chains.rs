//! Values that hold contexts, whose values hold contexts, and so on, are dropped on a bounded stack.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use propagate_context::{Carried, Context, ContextVar, InContext};
use propagate_context_tests::{OnDrop, Seen};

/// Drops a chain of contexts on a thread with a stack of the default size. `link` creates a context that holds the
/// previous one.
fn drop_chain(length: usize, link: impl Fn(Context) -> Context + Send + 'static) {
    let chain = move || drop((0..length).fold(Context::empty(), |before, _| link(before)));
    thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(chain)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn chains_of_snapshots() {
    static VAR: ContextVar<Context> = ContextVar::new("context");
    drop_chain(200_000, |before| Context::empty().with(&VAR, before));
}

#[test]
fn chains_of_snapshots_inside_other_types() {
    struct State {
        _before: Arc<Mutex<Vec<Option<Context>>>>,
        _name: String,
    }
    static VAR: ContextVar<State> = ContextVar::new("state");
    drop_chain(20_000, |before| {
        let state = State {
            _before: Arc::new(Mutex::new(vec![None, Some(before)])),
            _name: "state".to_owned(),
        };
        Context::empty().with(&VAR, state)
    });
}

/// Chains of several variables in turn; the last one is set in the scope of the previous one.
#[test]
fn chains_of_several_variables() {
    static IN_A_VEC: ContextVar<Vec<Context>> = ContextVar::new("vec");
    static IN_AN_ARC: ContextVar<Arc<Context>> = ContextVar::new("arc").task_only();
    static IN_A_BOX: ContextVar<Result<Box<Context>, u32>> = ContextVar::new("box");
    let turn = AtomicUsize::new(0);
    drop_chain(200_000, move |before| {
        let empty = Context::empty();
        match turn.fetch_add(1, Ordering::Relaxed) % 4 {
            0 => empty.with(&IN_A_VEC, vec![before.clone(), before]),
            1 => empty.with(&IN_AN_ARC, Arc::new(before)),
            2 => empty.with(&IN_A_BOX, Ok(Box::new(before))),
            _ => before.clone().sync_scope(|| {
                IN_A_VEC.set(vec![before]);
                Context::current()
            }),
        }
    });
}

/// In a running scope, each value holds the previous snapshot.
#[test]
fn chains_of_values_that_are_set() {
    static VAR: ContextVar<Context> = ContextVar::new("before");
    drop_chain(1, |_| {
        Context::empty().sync_scope(|| {
            for _ in 0..200_000 {
                VAR.set(Context::current());
            }
            Context::current()
        })
    });
}

#[test]
fn chains_of_messages_futures_and_closures() {
    type Job = Box<dyn Fn() + Send + Sync>;
    static MESSAGE: ContextVar<Carried<u32>> = ContextVar::new("message");
    static FUTURE: ContextVar<InContext<u32>> = ContextVar::new("future");
    static JOB: ContextVar<Job> = ContextVar::new("job");
    drop_chain(20_000, |before| {
        Context::empty().with(&MESSAGE, Carried::with_context(1, before))
    });

    drop_chain(20_000, |before| {
        Context::empty().with(&FUTURE, before.scope(1))
    });

    drop_chain(20_000, |before| {
        Context::empty().with(&JOB, Box::new(before.wrap_fn(|| ())))
    });
}

/// The variables are not among those that are stored in the table itself.
#[test]
fn chains_of_variables_beyond_the_inline_table() {
    static FAR: [ContextVar<Context>; 40] = [const { ContextVar::new("far") }; 40];
    // Assigns an index to each variable.
    for var in &FAR {
        drop(Context::empty().with(var, Context::empty()));
    }
    drop_chain(20_000, |before| Context::empty().with(&FAR[39], before));
}

/// The rest of the chain is dropped although one destructor panics.
#[test]
fn a_panicking_destructor_does_not_leak_the_rest_of_the_chain() {
    struct Link {
        number: usize,
        seen: Seen<usize>,
        _before: Context,
    }
    impl Drop for Link {
        fn drop(&mut self) {
            self.seen.note(self.number);
            assert_ne!(self.number, 100, "at this one");
        }
    }
    static VAR: ContextVar<Link> = ContextVar::new("link");
    let seen = Seen::default();
    let chain = (0..500).fold(Context::empty(), |before, number| {
        let link = Link {
            number,
            seen: seen.clone(),
            _before: before,
        };
        Context::empty().with(&VAR, link)
    });
    let dropped = std::panic::catch_unwind(|| drop(chain));
    assert!(dropped.is_err());
    let mut numbers = seen.take();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..500).collect::<Vec<_>>());
    // Nothing is left to be dropped.
    drop(Context::empty().with(
        &VAR,
        Link {
            number: 7,
            seen: seen.clone(),
            _before: Context::empty(),
        },
    ));
    assert_eq!(seen.take(), [7]);
}

/// Two contexts are waiting to be dropped: if the destructor of one panics, the other one is still dropped.
#[test]
fn a_panicking_destructor_does_not_delay_other_contexts() {
    struct Leaf(u32, Seen<u32>);
    impl Drop for Leaf {
        fn drop(&mut self) {
            self.1.note(self.0);
            assert!(thread::panicking(), "the first one panics");
        }
    }
    static LEAF: ContextVar<Leaf> = ContextVar::new("leaf");
    static LINK: ContextVar<Vec<Context>> = ContextVar::new("link");
    let seen = Seen::default();
    // Repeated, because the state that one panic leaves on the thread may have no visible effect.
    for _ in 0..100 {
        let leaves = [1, 2].map(|number| Context::empty().with(&LEAF, Leaf(number, seen.clone())));
        let chain = (0..100).fold(leaves.to_vec(), |beneath, _| {
            vec![Context::empty().with(&LINK, beneath)]
        });
        drop(leaves);
        assert!(std::panic::catch_unwind(|| drop(chain)).is_err());
        let mut numbers = seen.take();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2]);
    }
}

/// At the nesting depth of ordinary programs, a destructor runs where the last owner is dropped.
#[test]
fn at_ordinary_depths_destructors_run_immediately() {
    type Innermost = OnDrop<Box<dyn FnMut() + Send + Sync>>;
    static VAR: ContextVar<(Context, Option<Innermost>)> = ContextVar::new("nested");
    static HERE: ContextVar<u32> = ContextVar::new("here");
    let seen = Seen::default();
    let note = seen.clone();
    let innermost: Box<dyn FnMut() + Send + Sync> = Box::new(move || note.note(HERE.get()));
    let nested = (0..20).fold(
        Context::empty().with(&VAR, (Context::empty(), Some(OnDrop(innermost)))),
        |before, _| Context::empty().with(&VAR, (before, None)),
    );
    HERE.sync_scope(1, || drop(nested));
    assert_eq!(seen.take(), [Some(1)]);
}
