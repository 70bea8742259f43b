//! Code that the global allocator runs, from before `main` on: no scope is made by an allocation that waits for it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use propagate_context::{Context, ContextVar, propagate_context};

static ID: ContextVar<usize> = ContextVar::new("id");

struct Counting {
    allocations: AtomicUsize,
    inside: AtomicUsize,
}

#[global_allocator]
static COUNTING: Counting = Counting {
    allocations: AtomicUsize::new(0),
    inside: AtomicUsize::new(0),
};

#[propagate_context]
impl Counting {
    fn count(&self) {
        self.allocations.fetch_add(1, Ordering::Relaxed);
        if ID.with(|id| id.is_some()) {
            self.inside.fetch_add(1, Ordering::Relaxed);
        }
        // By hand, the same.
        Context::empty().sync_scope(|| assert_eq!(ID.get(), None));
        Context::current().sync_scope(|| ());
    }
}

#[propagate_context]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn main() {
    let before = COUNTING.allocations.load(Ordering::Relaxed);
    ID.sync_scope(7, || {
        let text = String::from("allocated in a scope");
        ID.set(text.len());
        let threads: Vec<_> = (0..4)
            .map(|id| std::thread::spawn(Context::current().with(&ID, id).wrap(move || assert_eq!(ID.get(), Some(id)))))
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(ID.get(), Some(20));
    });
    assert_eq!(ID.get(), None);
    assert!(COUNTING.allocations.load(Ordering::Relaxed) > before);
    assert!(COUNTING.inside.load(Ordering::Relaxed) > 0, "an allocation in a scope reads it");
}
