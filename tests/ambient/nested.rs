//! Saved state that holds a context, whose saved state holds a context, and so on, is dropped on a bounded stack.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::thread;

use propagate_context::ambient::{self, Ambient};
use propagate_context::{Context, ContextVar, InContext, Propagate};
use propagate_context_tests::{OnDrop, Seen};

thread_local! {
    /// What the library keeps: a context, and more.
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

#[derive(Clone)]
struct Kept {
    _context: Context,
    _future: Option<Arc<Mutex<InContext<u32>>>>,
    _noted: Option<Arc<OnDrop<Note>>>,
}

type Note = Box<dyn FnMut() + Send + Sync>;

struct Keeper;

impl Ambient for Keeper {
    type Saved = Kept;
    type Entered = ();

    fn capture(&self) -> Option<Kept> {
        KEPT.with_borrow(Clone::clone)
    }

    fn enter(&self, _: &Kept) {}
}

fn keep(context: Context, future: Option<InContext<u32>>, note: Option<Note>) {
    let kept = Kept {
        _context: context,
        _future: future.map(|future| Arc::new(Mutex::new(future))),
        _noted: note.map(|note| Arc::new(OnDrop(note))),
    };
    drop(KEPT.replace(Some(kept)));
}

/// Drops what so many calls of `link` have kept, each of which captured what the one before has kept.
fn drop_chain(length: usize, link: fn(usize)) {
    let chain = move || {
        (0..length).for_each(link);
        drop(KEPT.take());
    };
    let stack = thread::Builder::new().stack_size(2 << 20);
    stack.spawn(chain).unwrap().join().unwrap();
}

pub(crate) fn run() {
    static VAR: ContextVar<Context> = ContextVar::new("context");

    ambient::register(Keeper);
    drop_chain(200_000, |_| keep(Context::current(), None, None));
    // Through variables and saved state in turns.
    drop_chain(100_000, |turn| {
        let context = Context::current();
        let nested = VAR.sync_scope(context.clone(), Context::current);
        keep(if turn % 2 == 0 { nested } else { context }, None, None);
    });
    drop_chain(100_000, |_| {
        keep(Context::empty(), Some(1.in_current_context()), None);
    });
    // A destructor that panics costs itself alone, wherever it is in the chain.
    let seen = Seen::default();
    for number in 0..500 {
        let seen = seen.clone();
        let note: Note = Box::new(move || {
            seen.note(number);
            assert!(number % 100 > 0, "on purpose");
        });
        keep(Context::current(), None, Some(note));
    }
    drop(KEPT.take());
    let mut numbers = seen.take();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..500).collect::<Vec<_>>());
}
