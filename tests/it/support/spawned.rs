//! A variable, a reader that is spawned, and the scope in which it is spawned.

use propagate_context::ContextVar;

pub(crate) static ID: ContextVar<u32> = ContextVar::new("id");

/// The result of a read if no annotated function is between the reader and the spawn.
pub(crate) async fn read() -> Option<u32> {
    tokio::task::yield_now().await;
    ID.get()
}

pub(crate) fn read_now() -> Option<u32> {
    ID.get()
}

/// Runs `test` in a scope with an id, in a runtime of two workers.
pub(crate) fn in_scope<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(ID.scope(7, test));
    assert_eq!(ID.get(), None);
}
