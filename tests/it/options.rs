//! The arguments of the attribute.

use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use futures::executor::block_on;
use futures::{FutureExt, Stream, StreamExt};
use propagate_context::{Context, ContextVar, propagate_context};

static ID: ContextVar<u32> = ContextVar::new("id");
static NAME: ContextVar<String> = ContextVar::new("name");

mod renamed {
    pub(super) use ::propagate_context as context;
}

#[test]
fn set_gives_each_call_its_own_scope() {
    #[propagate_context(set(ID = id + 1, NAME = name.clone()))]
    async fn item(id: u32, name: String) -> (Option<u32>, Option<String>, String) {
        tokio::task::yield_now().await;
        let found = ID.get();
        ID.set(100);
        (found, NAME.get(), name)
    }
    #[propagate_context]
    async fn test() {
        let items = futures::future::join_all((0..3).map(|id| item(id, format!("n{id}")))).await;
        for (id, item) in (0..3).zip(items) {
            let name = format!("n{id}");
            assert_eq!(item, (Some(id + 1), Some(name.clone()), name));
        }
        assert_eq!((ID.get(), NAME.get()), (Some(7), None));
    }
    block_on(ID.scope(7, test()));
}

#[test]
fn set_adds_to_what_is_current() {
    #[propagate_context(set(NAME = "inner".to_owned()))]
    async fn inner() -> (Option<u32>, Option<String>) {
        (ID.get(), NAME.get())
    }
    #[propagate_context(set(NAME = (*name).to_owned()))]
    fn sync(name: &str) -> (Option<u32>, Option<String>) {
        (ID.get(), NAME.get())
    }
    let seen = (Some(7), Some("inner".to_owned()));
    assert_eq!(block_on(ID.scope(7, inner())), seen);
    assert_eq!(ID.sync_scope(7, || sync("inner")), seen);
    assert_eq!(NAME.get(), None);
}

#[test]
fn set_sees_destructured_arguments() {
    struct Order {
        id: u32,
    }
    #[propagate_context(set(ID = id))]
    async fn handle(Order { id }: Order, (left, _): (u32, u32)) -> Option<u32> {
        ID.get().map(|found| found + id + left)
    }
    assert_eq!(block_on(handle(Order { id: 3 }, (1, 2))), Some(7));
}

#[test]
fn set_with_detached() {
    #[propagate_context(detached, set(NAME = "alone".to_owned()))]
    async fn alone() -> (Option<u32>, Option<String>) {
        (ID.get(), NAME.get())
    }
    assert_eq!(
        block_on(ID.scope(7, alone())),
        (None, Some("alone".to_owned()))
    );
}

/// The code of a function that runs before it returns its future runs in the scope, and so does the future.
#[test]
fn set_applies_to_the_returned_future() {
    type Read = (Option<u32>, Option<String>);

    fn read() -> Read {
        (ID.get(), NAME.get())
    }

    #[propagate_context(set(ID = 9))]
    fn opaque(early: bool) -> impl Future<Output = Read> {
        assert_eq!(ID.get(), Some(9));
        if early {
            return async { read() }.boxed_local();
        }
        let write = async {
            ID.set(77);
            read()
        };
        write.boxed_local()
    }
    #[propagate_context(set(ID = id))]
    fn boxed(id: u32) -> Pin<Box<dyn Future<Output = Read>>> {
        assert_eq!(ID.get(), Some(9));
        Box::pin(async move { read() })
    }
    #[propagate_context(detached, set(ID = 9))]
    fn detached() -> Pin<Box<dyn Future<Output = Read>>> {
        Box::pin(async move { read() })
    }
    #[propagate_context(set(ID = 9))]
    fn stream() -> impl Stream<Item = Read> {
        futures::stream::once(async { read() })
    }

    #[async_trait]
    trait Shop {
        async fn visit(&self, id: u32) -> Read;
    }
    struct Open;
    #[async_trait]
    impl Shop for Open {
        #[propagate_context(set(ID = id))]
        async fn visit(&self, id: u32) -> Read {
            let (_, seen) = (id, read());
            ID.set(77);
            seen
        }
    }

    let outside = (Some(9), None);
    assert_eq!(block_on(opaque(true)), outside);
    assert_eq!(block_on(opaque(false)), (Some(77), None));
    assert_eq!(block_on(boxed(9)), outside);
    assert_eq!(
        block_on(stream().collect::<Vec<_>>()),
        vec![outside.clone()]
    );
    assert_eq!(block_on(Open.visit(9)), outside);

    // In addition to the context that is current where it is awaited.
    let inside = (Some(9), Some("n".to_owned()));
    let context = Context::empty().with(&ID, 7).with(&NAME, "n".to_owned());
    block_on(context.clone().scope(async {
        assert_eq!(opaque(true).await, inside);
        assert_eq!(boxed(9).await, inside);
        assert_eq!(stream().collect::<Vec<_>>().await, vec![inside.clone()]);
        assert_eq!(Open.visit(9).await, inside);
        assert_eq!(detached().await, outside);
        assert_eq!(ID.get(), Some(7), "its writes end with it");
    }));
    assert_eq!(block_on(context.scope(opaque(true))), inside);
}

#[test]
fn crate_selects_the_path_of_the_runtime() {
    #[propagate_context(crate = renamed::context)]
    async fn path() -> Option<u32> {
        std::thread::spawn(|| ID.get()).join().unwrap()
    }
    #[propagate_context(crate = "renamed::context")]
    fn text() -> Option<u32> {
        std::thread::spawn(|| ID.get()).join().unwrap()
    }
    assert_eq!(block_on(ID.scope(7, path())), Some(7));
    assert_eq!(ID.sync_scope(7, text), Some(7));
}

#[test]
fn skip_fn_rewrites_only_the_body() {
    #[propagate_context(skip_fn)]
    fn twice() -> Option<u32> {
        assert!(ID.try_set(8).is_err(), "no scope was opened");
        ID.sync_scope(7, || std::thread::spawn(|| ID.get()).join().unwrap())
    }
    #[propagate_context(skip_fn)]
    async fn later() -> Option<u32> {
        ID.get()
    }
    assert_eq!(twice(), Some(7));
    let future = ID.sync_scope(7, later);
    assert_eq!(block_on(future), None);
}

#[test]
fn skip_leaves_a_statement_or_expression_unchanged() {
    #[propagate_context]
    fn test() {
        #[propagate_context(skip)]
        let pool = std::thread::spawn(|| ID.get());
        let inline = #[propagate_context(skip)]
        std::thread::spawn(|| ID.get());
        let carried = std::thread::spawn(|| ID.get());
        let seen = [pool, inline, carried].map(|handle| handle.join().unwrap());
        assert_eq!(seen, [None, None, Some(7)]);
    }
    ID.sync_scope(7, test);
}

#[test]
fn skip_leaves_an_arm_or_a_field_unchanged() {
    struct Both<T> {
        left: T,
        right: T,
    }

    #[propagate_context]
    fn arm(n: u32) -> Option<u32> {
        let handle = match n {
            #[propagate_context(skip)]
            1 => std::thread::spawn(|| ID.get()),
            #[propagate_context(skip)]
            even if even % 2 == 0 => std::thread::spawn(|| ID.get()),
            _ => std::thread::spawn(|| ID.get()),
        };
        handle.join().unwrap()
    }
    #[propagate_context]
    fn field() -> [Option<u32>; 2] {
        let both = Both {
            #[propagate_context(skip)]
            left: std::thread::spawn(|| ID.get()),
            right: std::thread::spawn(|| ID.get()),
        };
        [both.left, both.right].map(|handle| handle.join().unwrap())
    }
    ID.sync_scope(7, || {
        assert_eq!([1, 2, 3].map(arm), [None, None, Some(7)]);
        assert_eq!(field(), [None, Some(7)]);
    });
}

#[test]
fn a_sync_function_joins_or_opens_a_scope() {
    #[propagate_context]
    fn write(id: u32) -> Option<u32> {
        let found = ID.get();
        ID.set(id);
        found
    }
    // Writes do not leave the scope that the function opens.
    assert_eq!(write(1), None);
    assert_eq!(ID.get(), None);
    // If there is a scope, writes are visible to the caller.
    ID.sync_scope(7, || {
        assert_eq!(write(2), Some(7));
        assert_eq!(ID.get(), Some(2));
    });
}
