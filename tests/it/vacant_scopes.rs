//! R4: a scope that an annotated function opened with an empty captured context is vacant until its first write. No
//! other scope is ever vacant: neither the scope of a child, nor of a message or a batch.

use futures::executor::block_on;
use futures::stream::{self, Stream, StreamExt as _};
use propagate_context::{
    Batch, Carried, Context, ContextVar, REQUEST_ID, RequestId, Token, propagate_context,
};
use tokio::task::yield_now;

static ID: ContextVar<u32> = ContextVar::new("id");
static N: ContextVar<u32> = ContextVar::new("n");

/// Returns a future that captured 7.
fn captured() -> impl Future<Output = Option<u32>> {
    #[propagate_context]
    async fn read() -> Option<u32> {
        ID.get()
    }
    ID.sync_scope(7, read)
}

#[test]
fn a_reset_value_does_not_reappear() {
    #[propagate_context]
    async fn outer() -> [Option<u32>; 4] {
        let token = ID.set(7);
        let [first, second, third] = inner(token).await;
        [first, second, third, ID.get()]
    }
    #[propagate_context]
    async fn inner(token: Token<u32>) -> [Option<u32>; 3] {
        token.reset();
        let first = ID.get();
        yield_now().await;
        let second = ID.get();
        ID.set(8);
        [first, second, ID.get()]
    }
    assert_eq!(block_on(outer()), [None, None, Some(8), Some(8)]);
}

/// Each write happens in a scope that was vacant until then, and that has no value afterwards.
#[test]
fn any_write_ends_vacancy() {
    struct WritesInDrop;
    impl Drop for WritesInDrop {
        fn drop(&mut self) {
            ID.set(8).reset();
        }
    }
    #[propagate_context]
    fn sync(write: fn()) -> Option<u32> {
        let called = captured();
        write();
        block_on(called)
    }
    #[propagate_context]
    async fn asynchronous(write: fn()) -> Option<u32> {
        yield_now().await;
        write();
        captured().await
    }
    #[propagate_context]
    fn stream(write: fn()) -> impl Stream<Item = Option<u32>> {
        stream::once(async move { write() }).then(|()| captured())
    }
    let writes: [fn(); 4] = [
        || ID.set(8).reset(),
        || propagate_context::field("n", 1),
        || drop(WritesInDrop),
        || {
            let token = ID.try_set(8);
            token.unwrap().reset();
        },
    ];
    for write in writes {
        assert_eq!(sync(write), None);
        assert_eq!(block_on(asynchronous(write)), None);
        assert_eq!(block_on(stream(write).collect::<Vec<_>>()), [None]);
    }
}

/// `set(..)` and `VAR.scope` write to their own scopes.
#[test]
fn a_write_to_another_scope_does_not_end_vacancy() {
    #[propagate_context(set(ID = 8))]
    async fn in_its_own() {
        ID.set(9);
    }
    #[propagate_context]
    async fn outer() -> Option<u32> {
        in_its_own().await;
        ID.scope(8, async { N.set(1) }).await;
        captured().await
    }
    assert_eq!(block_on(outer()), Some(7));
}

#[test]
fn a_value_reset_before_the_first_poll_of_a_future_that_captured_it() {
    #[propagate_context]
    async fn outer() -> Option<u32> {
        let token = ID.set(7);
        let called = captured();
        token.reset();
        called.await
    }
    assert_eq!(block_on(outer()), None);
}

#[test]
fn a_reset_in_a_synchronous_function() {
    #[propagate_context]
    fn outer() -> Option<u32> {
        let called = captured();
        N.set(1).reset();
        block_on(called)
    }
    assert_eq!(outer(), None);
}

#[test]
fn a_vacant_scope_hides_nothing_until_the_first_write() {
    #[propagate_context]
    async fn outer() -> Option<u32> {
        captured().await
    }
    assert_eq!(block_on(outer()), Some(7));
}

#[test]
fn scopes_opened_in_a_vacant_scope_are_not_vacant() {
    #[propagate_context]
    fn each() -> Vec<Option<u32>> {
        let mut seen = Vec::new();
        let called = captured();
        seen.push(Context::current().sync_scope(|| block_on(called)));
        let called = captured();
        seen.push(Context::current().wrap(|| block_on(called))());
        let called = captured();
        let thread = std::thread::spawn(|| block_on(called));
        seen.push(thread.join().unwrap());
        seen.push(block_on(Context::current().scope(captured())));
        let called = captured();
        seen.push(Carried::new(()).run(|()| block_on(called)));
        seen.push(block_on(Carried::new(()).run_async(|()| captured())));
        let called = captured();
        let batch = || Batch::from_iter([Carried::new(())]);
        seen.push(batch().run(|_| block_on(called)));
        seen.push(block_on(batch().run_async(|_| captured())));
        seen
    }
    assert_eq!(each(), [None; 8]);
}

/// A snapshot of a scope that was vacant before. Its own scopes have no value in the end.
#[test]
fn children_of_a_scope_that_was_vacant_are_not_vacant() {
    #[propagate_context]
    fn outer() -> [Option<u32>; 2] {
        let token = N.set(1);
        let child = Context::current();
        token.reset();
        let called = captured();
        let emptied = child.without(&N);
        [
            emptied.sync_scope(|| block_on(called)),
            block_on(child.scope(captured())),
        ]
    }
    assert_eq!(outer(), [None, None]);
}

#[test]
fn a_batch_does_not_pass_on_a_request_id() {
    #[propagate_context]
    async fn id() -> Option<RequestId> {
        REQUEST_ID.get()
    }
    #[propagate_context]
    async fn worker() -> Option<RequestId> {
        let job = REQUEST_ID.sync_scope(RequestId::new_v7(), id);
        Batch::from_iter([Carried::with_context((), Context::empty())])
            .run_async(|_| job)
            .await
    }
    assert_eq!(block_on(worker()), None);
}
