//! A function that is not async propagates the context into the futures and streams that it returns, also inside other
//! types and through a variable.

#![expect(
    clippy::let_and_return,
    clippy::unnecessary_wraps,
    reason = "what is returned, and how, is what is tested"
)]

use std::future::{self, Future};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use futures::executor::block_on;
use futures::future::{BoxFuture, FutureExt, LocalBoxFuture};
use futures::stream::{self, BoxStream, StreamExt};
use propagate_context::{ContextVar, propagate_context};

static ID: ContextVar<u32> = ContextVar::new("id");

type Read = Option<u32>;

fn read() -> impl Future<Output = Read> + Send + 'static {
    future::poll_fn(|_| Poll::Ready(ID.get()))
}

/// Returns the value that the future reads outside of every scope, if `make` is called in a scope.
fn seen<F: Future<Output = Read>>(make: impl FnOnce() -> F) -> Read {
    let future = ID.sync_scope(7, make);
    block_on(future)
}

#[test]
fn in_boxes_that_are_pinned_afterwards() {
    #[propagate_context]
    fn into_pin() -> BoxFuture<'static, Read> {
        Box::into_pin(Box::new(async { ID.get() }))
    }
    #[propagate_context]
    fn from() -> BoxFuture<'static, Read> {
        Pin::from(Box::new(async { ID.get() }) as Box<dyn Future<Output = Read> + Send>)
    }
    for made in [into_pin, from] {
        assert_eq!(seen(made), Some(7));
    }
}

#[test]
fn in_results_and_options() {
    #[propagate_context]
    fn result(fails: bool) -> Result<BoxFuture<'static, Read>, String> {
        if fails {
            return Err("failed".to_owned());
        }
        Ok(Box::pin(read()))
    }
    #[propagate_context]
    fn option(text: &str) -> Option<impl Future<Output = Read> + use<>> {
        let number: u32 = text.parse().ok()?;
        Some(async move { ID.get().map(|id| id + number) })
    }
    #[propagate_context]
    fn nested() -> Poll<Option<Result<LocalBoxFuture<'static, Read>, ()>>> {
        Poll::Ready(Some(Ok(read().boxed_local())))
    }
    #[propagate_context]
    fn early(yes: bool) -> Option<Pin<Box<dyn Future<Output = Read> + Send>>> {
        if yes {
            return Some(Box::pin(async { ID.get() }));
        }
        None
    }
    assert_eq!(seen(|| result(false).unwrap()), Some(7));
    assert!(result(true).is_err());
    assert_eq!(seen(|| option("1").unwrap()), Some(8));
    assert!(option("").is_none());
    assert_eq!(seen(|| early(true).unwrap()), Some(7));
    assert!(early(false).is_none());
    let Poll::Ready(Some(Ok(future))) = ID.sync_scope(7, nested) else {
        unreachable!()
    };
    assert_eq!(block_on(future), Some(7));
}

#[test]
fn in_tuples_vectors_and_structs() {
    struct Job {
        future: BoxFuture<'static, Read>,
        number: u32,
    }

    #[propagate_context]
    fn tuple() -> (impl Future<Output = Read>, BoxFuture<'static, Read>) {
        (async { ID.get() }, Box::pin(read()))
    }
    #[propagate_context]
    fn array() -> [BoxFuture<'static, Read>; 2] {
        [Box::pin(read()), async { ID.get() }.boxed()]
    }
    #[propagate_context]
    fn list() -> Vec<BoxFuture<'static, Read>> {
        vec![Box::pin(read()), Box::pin(async { ID.get() })]
    }
    #[propagate_context]
    fn job(number: u32) -> Job {
        Job {
            future: Box::pin(async { ID.get() }),
            number,
        }
    }
    assert_eq!(seen(|| tuple().0), Some(7));
    assert_eq!(seen(|| tuple().1), Some(7));
    let futures = ID.sync_scope(7, || array().into_iter().chain(list()));
    for future in futures {
        assert_eq!(block_on(future), Some(7));
    }
    assert_eq!(ID.sync_scope(7, || job(1)).number, 1);
    assert_eq!(seen(|| job(1).future), Some(7));
}

#[test]
fn through_a_variable() {
    type Boxed = Pin<Box<dyn Future<Output = Read>>>;

    #[propagate_context]
    fn boxed() -> BoxFuture<'static, Read> {
        let future = Box::pin(read());
        future
    }
    #[propagate_context]
    fn of_a_type() -> Pin<Box<dyn Future<Output = Read>>> {
        let future: Boxed = Box::pin(async { ID.get() });
        future
    }
    #[propagate_context]
    fn in_a_result() -> Result<(u32, impl Future<Output = Read>), ()> {
        let future = async { ID.get() };
        Ok((1, future))
    }
    assert_eq!(seen(boxed), Some(7));
    assert_eq!(seen(of_a_type), Some(7));
    assert_eq!(seen(|| in_a_result().unwrap().1), Some(7));
}

#[test]
fn streams() {
    #[propagate_context]
    fn stream() -> Option<BoxStream<'static, Read>> {
        Some(Box::pin(stream::once(read())))
    }
    let mut stream = ID.sync_scope(7, stream).unwrap();
    assert_eq!(block_on(stream.next()), Some(Some(7)));
}

/// Several futures from one `set`.
#[test]
fn with_values_of_the_function() {
    #[propagate_context(set(ID = id))]
    fn both(id: u32) -> (impl Future<Output = Read>, BoxFuture<'static, Read>) {
        (async { ID.get() }, Box::pin(read()))
    }
    let (one, two) = both(8);
    assert_eq!((block_on(one), block_on(two)), (Some(8), Some(8)));
}

/// They run in the current scope, like the future of an async function.
#[test]
fn in_the_current_scope() {
    #[propagate_context]
    fn result() -> Result<BoxFuture<'static, Read>, ()> {
        Ok(Box::pin(read()))
    }
    let future = ID.sync_scope(7, || result().unwrap());
    assert_eq!(ID.sync_scope(8, || block_on(future)), Some(8));
}

/// These are documented limits.
#[test]
fn other_values_are_unchanged() {
    type Shared = Arc<Mutex<Option<BoxFuture<'static, Read>>>>;

    #[propagate_context]
    fn made_elsewhere(future: BoxFuture<'static, Read>) -> Result<BoxFuture<'static, Read>, ()> {
        Ok(future)
    }
    #[propagate_context]
    fn shared() -> Shared {
        Arc::new(Mutex::new(Some(Box::pin(async { ID.get() }))))
    }
    #[propagate_context]
    fn called_later() -> Box<dyn Fn() -> BoxFuture<'static, Read>> {
        Box::new(|| Box::pin(read()))
    }
    assert_eq!(seen(|| made_elsewhere(Box::pin(read())).unwrap()), None);
    assert_eq!(seen(|| shared().lock().unwrap().take().unwrap()), None);
    assert_eq!(seen(|| called_later()()), None);
}
