//! The limits in `runtime/src/guide/limits.md`: each test shows a limit and how to work around it. The comment of a
//! test starts with the text that is bold in the guide.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unused_self,
    reason = "stand-ins for spawners of other crates"
)]

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::executor::block_on;
use propagate_context::{Context, ContextVar, Propagate, propagate_context};

static ID: ContextVar<&str> = ContextVar::new("id");

type Read = Option<&'static str>;

/// A spawner that the attribute does not know. Its jobs run outside of every scope.
#[derive(Default)]
struct Pool {
    stack: usize,
}

impl Pool {
    fn spawn<R: Send>(&self, job: impl FnOnce() -> R + Send) -> R {
        let worker = std::thread::Builder::new().stack_size(self.stack.max(1 << 16));
        std::thread::scope(|threads| worker.spawn_scoped(threads, job).unwrap().join().unwrap())
    }
}

/// Code that is not annotated.
#[test]
fn code_that_is_not_annotated_spawns_without_a_context() {
    fn plain() -> Read {
        std::thread::spawn(|| ID.get()).join().unwrap()
    }
    #[propagate_context]
    fn annotated() -> Read {
        std::thread::spawn(|| ID.get()).join().unwrap()
    }
    assert_eq!(
        ID.sync_scope("a", || (plain(), annotated())),
        (None, Some("a"))
    );
}

/// An argument whose type is inferred from the called function: with a wrapper, the compiler would infer the type
/// wrongly.
#[test]
fn arguments_with_inferred_types_are_not_wrapped() {
    struct Job(fn() -> Read);
    impl From<fn() -> Read> for Job {
        fn from(job: fn() -> Read) -> Self {
            Job(job)
        }
    }
    struct Queue;
    impl Queue {
        fn spawn(&self, job: Job) -> Read {
            std::thread::spawn(job.0).join().unwrap()
        }
    }
    #[propagate_context]
    fn inferred(job: fn() -> Read) -> Read {
        Queue.spawn(job.into())
    }
    assert_eq!(ID.sync_scope("a", || inferred(|| ID.get())), None);
}

/// A job in an `Arc` or `Rc`: it is shared, and may run in several contexts.
#[test]
fn jobs_in_an_arc_or_rc_are_not_wrapped() {
    use std::rc::Rc;
    struct Shared;

    impl Shared {
        fn spawn(&self, job: Arc<dyn Fn() -> Read + Send + Sync>) -> Read {
            std::thread::spawn(move || job()).join().unwrap()
        }

        fn spawn_local(&self, job: Rc<dyn Fn() -> Read>) -> Read {
            Context::empty().sync_scope(|| job())
        }
    }

    #[propagate_context]
    fn shared(job: fn() -> Read) -> [Read; 4] {
        [
            Shared.spawn(Arc::new(job)),
            Shared.spawn(Arc::new(|| ID.get())),
            Shared.spawn_local(Rc::new(job)),
            Shared.spawn_local(Rc::new(|| ID.get())),
        ]
    }

    #[propagate_context]
    fn annotated(job: fn() -> Read) -> [Read; 2] {
        [
            Shared.spawn(Arc::new(
                #[propagate_context]
                move || job(),
            )),
            Shared.spawn_local(Rc::new(
                #[propagate_context]
                move || job(),
            )),
        ]
    }

    assert_eq!(ID.sync_scope("a", || shared(|| ID.get())), [None; 4]);
    assert_eq!(
        ID.sync_scope("a", || annotated(|| ID.get())),
        [Some("a"); 2]
    );
}

/// An `Unpin` future among several arguments: the function may require the exact type, such as the receiver of a
/// channel.
#[test]
fn unpin_futures_among_several_arguments_are_not_wrapped() {
    struct Reads;
    impl Future for Reads {
        type Output = Read;
        fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Read> {
            std::task::Poll::Ready(ID.get())
        }
    }
    struct Worker;
    impl Worker {
        fn spawn(future: impl Future<Output = Read> + Send, _: u32) -> Read {
            Pool::default().spawn(|| block_on(future))
        }
    }
    #[propagate_context]
    fn several() -> [Read; 2] {
        let wrapped = Reads.in_current_context();
        [Worker::spawn(Reads {}, 1), Worker::spawn(wrapped, 1)]
    }
    assert_eq!(ID.sync_scope("a", several), [None, Some("a")]);
}

/// Nested items and `macro_rules!` bodies.
#[test]
fn nested_items_and_macro_bodies_are_not_visited() {
    macro_rules! spawn_in_macro {
        () => {
            std::thread::spawn(|| ID.get()).join().unwrap()
        };
    }
    #[propagate_context]
    fn outer() -> [Read; 3] {
        fn nested() -> Read {
            std::thread::spawn(|| ID.get()).join().unwrap()
        }
        #[propagate_context]
        fn nested_and_annotated() -> Read {
            std::thread::spawn(|| ID.get()).join().unwrap()
        }
        [nested(), spawn_in_macro!(), nested_and_annotated()]
    }
    assert_eq!(ID.sync_scope("a", outer), [None, None, Some("a")]);
}

/// A current-thread `block_on`: it runs the other tasks of its runtime on this thread, inside the enclosing synchronous
/// scope.
#[test]
fn block_on_of_a_current_thread_runtime_polls_other_tasks_inside_the_enclosing_scope() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let plain = runtime.spawn(async { ID.get() });
    let wrapped = runtime.spawn(async { ID.get() }.in_context(Context::empty()));
    ID.sync_scope("around", || {
        assert_eq!(runtime.block_on(plain).unwrap(), Some("around"));
        assert_eq!(runtime.block_on(wrapped).unwrap(), None);
    });
}

/// rayon work that is stolen by a waiting thread: it runs inside the scope of that thread.
#[test]
fn rayon_work_that_is_stolen_inside_a_scope_reads_that_scope() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let job = |name| {
        let seen = seen.clone();
        move || seen.lock().unwrap().push((name, ID.get()))
    };
    pool.install(|| {
        rayon::spawn(job("plain"));
        rayon::spawn(Context::empty().wrap(job("wrapped")));
        ID.sync_scope("thief", || {
            while rayon::yield_now() == Some(rayon::Yield::Executed) {}
        });
    });
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, [("plain", Some("thief")), ("wrapped", None)]);
}

/// The handle of a task.
#[test]
fn wrapping_the_handle_of_a_task_has_no_effect() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let seen = ID.sync_scope("a", || {
        block_on(runtime.spawn(async { ID.get() }).in_current_context())
    });
    assert_eq!(seen.unwrap(), None);
    let seen = ID.sync_scope("a", || {
        block_on(runtime.spawn(async { ID.get() }.in_current_context()))
    });
    assert_eq!(seen.unwrap(), Some("a"));
}

/// A spawner under another name: either name it in the attribute or wrap its argument.
#[test]
fn renamed_spawners_and_spawners_passed_as_values_are_not_found() {
    use std::thread::spawn as go;

    #[propagate_context]
    fn renamed() -> Read {
        go(|| ID.get()).join().unwrap()
    }
    #[propagate_context(spawn_blocking(go))]
    fn named() -> Read {
        go(|| ID.get()).join().unwrap()
    }
    #[propagate_context]
    fn passed_on() -> Read {
        let [handle] = [|| ID.get()].map(std::thread::spawn);
        handle.join().unwrap()
    }
    ID.sync_scope("a", || {
        assert_eq!([renamed(), named(), passed_on()], [None, Some("a"), None]);
    });
}

/// The `scope` and `join` methods of a rayon pool.
#[test]
fn methods_of_a_rayon_pool_are_not_found() {
    #[propagate_context]
    fn methods(pool: &rayon::ThreadPool) -> [Read; 2] {
        [pool.scope(|_| ID.get()), pool.join(|| ID.get(), || ()).0]
    }
    #[propagate_context]
    fn functions(pool: &rayon::ThreadPool) -> [Read; 2] {
        pool.install(|| {
            [
                rayon::scope(|_| ID.get()),
                rayon::join(|| ID.get(), || ()).0,
            ]
        })
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    ID.sync_scope("a", || {
        assert_eq!(methods(&pool), [None; 2]);
        assert_eq!(functions(&pool), [Some("a"); 2]);
    });
}

/// A boxed future that was created elsewhere.
#[test]
fn a_boxed_future_that_was_created_elsewhere_captures_nothing() {
    type Boxed = Pin<Box<dyn Future<Output = Read>>>;

    #[propagate_context]
    fn passed_on(future: Boxed) -> Boxed {
        future
    }
    let made = || -> Boxed { Box::pin(async { ID.get() }) };
    let future = ID.sync_scope("a", || passed_on(made()));
    assert_eq!(block_on(future), None);
    let future = ID.scope("b", passed_on(made()));
    assert_eq!(block_on(future), Some("b"), "it runs in the current scope");
}

/// A function with parameters. Only the spawner knows their types.
#[test]
fn functions_with_parameters_are_not_wrapped() {
    struct Scope;

    impl Scope {
        fn spawn(&self, job: impl FnOnce(&Scope) -> Read + Send) -> Read {
            Pool::default().spawn(|| job(&Scope))
        }
    }

    fn read(_: &Scope) -> Read {
        ID.get()
    }

    #[propagate_context]
    fn test() -> [Read; 3] {
        let annotated = #[propagate_context]
        move |scope: &Scope| read(scope);
        [
            Scope.spawn(read),
            Scope.spawn(|scope| read(scope)),
            Scope.spawn(annotated),
        ]
    }
    assert_eq!(ID.sync_scope("a", test), [None, Some("a"), Some("a")]);
}

/// A future that is returned by a call in a closure.
#[test]
fn a_future_that_is_returned_by_a_call_in_a_closure_is_not_wrapped() {
    struct Makers;

    impl Makers {
        fn spawn<F: Future<Output = Read>>(&self, make: impl FnOnce() -> F + Send) -> Read {
            Pool::default().spawn(|| block_on(make()))
        }
    }

    async fn read() -> Read {
        ID.get()
    }

    #[propagate_context]
    fn test() -> [Read; 3] {
        [
            Makers.spawn(|| read()),
            Makers.spawn(read),
            Makers.spawn(|| async { read().await }),
        ]
    }
    assert_eq!(ID.sync_scope("a", test), [None, Some("a"), Some("a")]);
}

/// Futures that are joined in one task.
#[test]
fn futures_that_are_joined_in_one_task_share_its_scope() {
    async fn set(id: &'static str) -> Read {
        ID.set(id);
        tokio::task::yield_now().await;
        ID.get()
    }
    let joined = Context::empty().scope(async { futures::join!(set("a"), set("b")) });
    assert_eq!(block_on(joined), (Some("b"), Some("b")));
    let scopes = async { futures::join!(ID.scope("", set("a")), ID.scope("", set("b"))) };
    assert_eq!(block_on(scopes), (Some("a"), Some("b")));
}

/// A shared future.
#[test]
fn a_shared_future_runs_in_the_scope_of_the_task_that_polls_it() {
    let shared = ID.sync_scope("a", || async { ID.get() }.shared());
    assert_eq!(block_on(ID.scope("b", shared)), Some("b"));
    let wrapped = ID.sync_scope("a", || async { ID.get() }.in_current_context().shared());
    assert_eq!(block_on(ID.scope("b", wrapped)), Some("a"));
}

thread_local! {
    static OF_ANOTHER_LIBRARY: Cell<u32> = const { Cell::new(0) };
}

/// A thread-local of another library. Registered ambient state is propagated: see `tests/ambient`.
#[test]
fn thread_locals_of_other_libraries_are_not_inherited() {
    #[propagate_context]
    fn on_a_thread() -> u32 {
        std::thread::spawn(|| OF_ANOTHER_LIBRARY.get())
            .join()
            .unwrap()
    }
    OF_ANOTHER_LIBRARY.set(7);
    assert_eq!(on_a_thread(), 0);
}

tokio::task_local! {
    static OF_TOKIO: u32;
}

/// tokio's task-locals.
#[test]
fn task_locals_of_tokio_are_not_inherited() {
    #[propagate_context]
    fn on_a_thread() -> Option<u32> {
        std::thread::spawn(|| OF_TOKIO.try_with(|value| *value).ok())
            .join()
            .unwrap()
    }
    assert_eq!(OF_TOKIO.sync_scope(7, on_a_thread), None);
}
