//! The argument of a call that is named like a spawner is propagated according to its type. Other values are passed
//! unchanged.

#![expect(
    clippy::items_after_statements,
    clippy::let_and_return,
    clippy::match_bool,
    clippy::unused_self,
    reason = "stand-ins for what users write and for the spawners of others"
)]

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures::FutureExt;
use futures::executor::block_on;
use propagate_context::{Context, propagate_context};
use tokio::runtime::Handle;
use tokio::spawn;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};
use tokio_util::task::{JoinMap, LocalPoolHandle, TaskTracker};

use crate::support::spawned::{ID, in_scope, read, read_now};

type Read = Option<u32>;
type BoxFuture = Pin<Box<dyn Future<Output = Read> + Send>>;
type LocalBoxFuture<'a> = Pin<Box<dyn Future<Output = Read> + 'a>>;

async fn joined(set: &mut JoinSet<Read>) -> Read {
    set.join_next().await.unwrap().unwrap()
}

/// Spawners whose parameters have a concrete type, which run their jobs outside of every scope.
struct Typed;

impl Typed {
    fn spawn(&self, job: Box<dyn FnOnce() -> Read + Send>) -> Read {
        std::thread::spawn(job).join().unwrap()
    }

    fn spawn_fn(&self, mut job: Box<dyn FnMut() -> Read + Send>) -> [Read; 2] {
        let call = move || [job(), job()];
        std::thread::spawn(call).join().unwrap()
    }

    fn spawn_on(&self, job: BoxFuture, _: &Handle) -> Read {
        std::thread::spawn(|| block_on(job)).join().unwrap()
    }

    fn spawn_local(&self, job: LocalBoxFuture<'_>) -> Read {
        block_on(Context::empty().scope(job))
    }

    fn spawn_pinned(&self, make: impl FnOnce() -> BoxFuture + Send + 'static) -> Read {
        let run = || block_on(Context::empty().scope(make()));
        std::thread::spawn(run).join().unwrap()
    }
}

#[test]
fn futures_at_methods() {
    #[propagate_context]
    async fn test() {
        let (handle, tracker) = (Handle::current(), TaskTracker::new());
        assert_eq!(handle.spawn(read()).await.unwrap(), Some(7));
        assert_eq!(tracker.spawn(read()).await.unwrap(), Some(7));
        assert_eq!(spawn(tracker.track_future(read())).await.unwrap(), Some(7));
        let mut set = JoinSet::new();
        set.spawn(read());
        assert_eq!(joined(&mut set).await, Some(7));
        set.spawn_on(read(), &handle);
        assert_eq!(joined(&mut set).await, Some(7));
        let future = read().map(|seen| seen);
        set.spawn(future);
        assert_eq!(joined(&mut set).await, Some(7));
        let mut map = JoinMap::new();
        map.spawn("key", read());
        assert_eq!(map.join_next().await.unwrap().1.unwrap(), Some(7));
        map.spawn_on("key", read(), &handle);
        assert_eq!(map.join_next().await.unwrap().1.unwrap(), Some(7));
    }
    in_scope(test());
}

#[test]
fn futures_at_a_bare_name() {
    #[propagate_context]
    async fn test() {
        assert_eq!(spawn(read()).await.unwrap(), Some(7));
        let future = read();
        assert_eq!(spawn(future).await.unwrap(), Some(7));
    }
    in_scope(test());
}

#[test]
fn boxed_futures_keep_their_type() {
    #[propagate_context]
    async fn test() {
        let handle = Handle::current();
        let future: BoxFuture = Box::pin(read());
        assert_eq!(Typed.spawn_on(future, &handle), Some(7));
        assert_eq!(Typed.spawn_on(read().boxed(), &handle), Some(7));
        assert_eq!(Typed.spawn_on(Box::pin(read()), &handle), Some(7));
        let future = Box::pin(read());
        assert_eq!(Typed.spawn_on(future, &handle), Some(7));
        let mut set = JoinSet::new();
        let future: BoxFuture = Box::pin(read());
        set.spawn(future);
        assert_eq!(joined(&mut set).await, Some(7));
    }
    in_scope(test());
}

#[test]
fn futures_that_are_not_send_and_that_borrow() {
    #[propagate_context]
    fn test() {
        let seen = Rc::new(Cell::new(None));
        let borrowed = &seen;
        let read = async move { borrowed.replace(ID.get()) };
        let future: LocalBoxFuture<'_> = Box::pin(read);
        assert_eq!(Typed.spawn_local(future), None);
        assert_eq!(seen.get(), Some(7));
    }
    ID.sync_scope(7, test);

    #[propagate_context]
    async fn local() {
        let local = LocalSet::new();
        let seen = Rc::new(Cell::new(None));
        let future = {
            let seen = seen.clone();
            async move { seen.set(ID.get()) }
        };
        let handle = local.spawn_local(future);
        local.run_until(handle).await.unwrap();
        assert_eq!(seen.get(), Some(7));
    }
    in_scope(local());
}

#[test]
fn boxed_functions_keep_their_type() {
    #[propagate_context]
    fn test() {
        let job: Box<dyn FnOnce() -> Read + Send> = Box::new(read_now);
        assert_eq!(Typed.spawn(job), Some(7));
        assert_eq!(Typed.spawn(Box::new(read_now)), Some(7));
        let closure = || ID.get();
        assert_eq!(Typed.spawn(Box::new(closure)), Some(7));
        let job: Box<dyn FnMut() -> Read + Send> = Box::new(read_now);
        assert_eq!(Typed.spawn_fn(job), [Some(7); 2]);
    }
    ID.sync_scope(7, test);
}

#[test]
fn functions_without_parameters() {
    #[propagate_context]
    async fn test() {
        let mut set = JoinSet::new();
        set.spawn_blocking(read_now);
        assert_eq!(joined(&mut set).await, Some(7));
        let n = Box::new(1);
        let closure = move || {
            drop(n);
            ID.get()
        };
        set.spawn_blocking_on(closure, &Handle::current());
        assert_eq!(joined(&mut set).await, Some(7));
        let closure = || ID.get();
        std::thread::scope(|scope| {
            assert_eq!(scope.spawn(read_now).join().unwrap(), Some(7));
            assert_eq!(scope.spawn(&closure).join().unwrap(), Some(7));
            let reference = &closure;
            assert_eq!(scope.spawn(reference).join().unwrap(), Some(7));
        });
    }
    in_scope(test());
}

#[test]
fn jobs_in_references() {
    #[propagate_context]
    fn reborrowed<F: Fn() -> Read + Sync>(job: &F) -> [Read; 3] {
        let option = Some(job);
        std::thread::scope(|scope| {
            [
                scope.spawn(&*job).join().unwrap(),
                scope.spawn(*option.as_ref().unwrap()).join().unwrap(),
                scope.spawn(option.as_ref().unwrap()).join().unwrap(),
            ]
        })
    }
    assert_eq!(ID.sync_scope(7, || reborrowed(&read_now)), [Some(7); 3]);
}

#[test]
fn futures_in_constructors() {
    use futures::future::Either;

    struct Reads(u32);

    impl Future for Reads {
        type Output = Read;

        fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Read> {
            std::task::Poll::Ready(ID.get().map(|id| id + self.0))
        }
    }

    #[propagate_context]
    async fn test(left: bool) {
        let handle = Handle::current();
        assert_eq!(handle.spawn(Reads(1)).await.unwrap(), Some(8));
        let seen = handle.spawn(if left {
            Either::Left(read())
        } else {
            Either::Right(async { None })
        });
        assert_eq!(seen.await.unwrap(), Some(7));
        let pool = LocalPoolHandle::new(1);
        let seen = pool.spawn_pinned(move || match left {
            true => Either::Left(read()),
            false => Either::Right(async { None }),
        });
        assert_eq!(seen.await.unwrap(), Some(7));
    }
    in_scope(test(true));
}

#[test]
fn functions_that_return_futures() {
    #[propagate_context]
    fn test() {
        fn make() -> BoxFuture {
            Box::pin(read())
        }
        assert_eq!(Typed.spawn_pinned(make), Some(7));
        let closure = || Box::pin(read()) as BoxFuture;
        assert_eq!(Typed.spawn_pinned(closure), Some(7));
        assert_eq!(Typed.spawn_pinned(|| Box::pin(read())), Some(7));
        assert_eq!(Typed.spawn_pinned(|| read().boxed()), Some(7));
        assert_eq!(
            Typed.spawn_pinned(|| -> BoxFuture { read().boxed() }),
            Some(7)
        );
        let early = || {
            Typed.spawn_pinned(|| {
                if ID.get().is_some() {
                    return read().boxed();
                }
                read().boxed()
            })
        };
        assert_eq!(early(), Some(7));
        let late = Typed.spawn_pinned(|| {
            if ID.get().is_none() {
                return make();
            }
            make()
        });
        assert_eq!(late, Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn values_in_generic_functions() {
    #[propagate_context]
    async fn future<F>(set: &mut JoinSet<Read>, job: F)
    where
        F: Future<Output = Read> + Send + 'static,
    {
        set.spawn(job);
    }
    #[propagate_context]
    fn function<F: FnOnce() -> Read + Send>(job: F) -> Read {
        std::thread::scope(|scope| scope.spawn(job).join().unwrap())
    }
    #[propagate_context]
    async fn opaque(set: &mut JoinSet<Read>, job: impl Future<Output = Read> + Send + 'static) {
        set.spawn(job);
    }
    #[propagate_context]
    async fn test() {
        let mut set = JoinSet::new();
        future(&mut set, read()).await;
        assert_eq!(joined(&mut set).await, Some(7));
        opaque(&mut set, read()).await;
        assert_eq!(joined(&mut set).await, Some(7));
        assert_eq!(function(read_now), Some(7));
    }
    in_scope(test());
}

#[test]
fn values_of_branches() {
    #[propagate_context]
    async fn test(branch: bool) {
        let mut set = JoinSet::new();
        set.spawn(if branch { read() } else { return });
        assert_eq!(joined(&mut set).await, Some(7));
        set.spawn(match branch {
            true => Box::pin(read()) as BoxFuture,
            false => Box::pin(async { None }),
        });
        assert_eq!(joined(&mut set).await, Some(7));
        set.spawn(if branch {
            (read().boxed())
        } else {
            async { None }.boxed()
        });
        assert_eq!(joined(&mut set).await, Some(7));
        set.spawn({
            let future = read();
            future
        });
        assert_eq!(joined(&mut set).await, Some(7));
    }
    in_scope(test(true));
}

#[test]
fn temporaries_in_the_argument_keep_their_lifetime() {
    #[propagate_context]
    async fn test() {
        fn borrow(text: &str) -> impl Future<Output = Read> + use<> {
            let length = text.len();
            async move { ID.get().map(|id| id + u32::try_from(length).unwrap()) }
        }
        let mut set = JoinSet::new();
        set.spawn(borrow(&String::from("abc")));
        assert_eq!(joined(&mut set).await, Some(10));
        std::thread::scope(|scope| {
            let list = std::sync::Mutex::new(vec![read_now]);
            let handle = scope.spawn(list.lock().unwrap().pop().unwrap());
            assert_eq!(handle.join().unwrap(), Some(7));
        });
    }
    in_scope(test());
}

#[test]
fn values_inside_other_macros() {
    #[propagate_context]
    async fn test() {
        let handle = Handle::current();
        let selected = tokio::select! {
            seen = handle.spawn(read()) => seen.unwrap(),
        };
        assert_eq!(selected, Some(7));
        let (one, two) = tokio::join!(handle.spawn(read()), spawn(read()));
        assert_eq!((one.unwrap(), two.unwrap()), (Some(7), Some(7)));
    }
    in_scope(test());
}

#[test]
fn values_at_spawners_named_in_the_attribute() {
    fn start(job: BoxFuture) -> Read {
        std::thread::spawn(|| block_on(job)).join().unwrap()
    }
    fn submit(job: Box<dyn FnOnce() -> Read + Send>) -> Read {
        std::thread::spawn(job).join().unwrap()
    }
    #[propagate_context(spawn(start), spawn_blocking(submit))]
    fn test() {
        assert_eq!(start(Box::pin(read())), Some(7));
        let job: BoxFuture = Box::pin(read());
        assert_eq!(start(job), Some(7));
        assert_eq!(submit(Box::new(read_now)), Some(7));
        let job: Box<dyn FnOnce() -> Read + Send> = Box::new(read_now);
        assert_eq!(submit(job), Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn annotated_closures_with_parameters_at_spawners_named_in_the_attribute() {
    fn interact<R: Send + 'static>(job: impl FnOnce(&mut u32) -> R + Send + 'static) -> R {
        std::thread::spawn(|| job(&mut 1)).join().unwrap()
    }
    #[propagate_context(spawn_blocking(interact))]
    fn test() {
        let seen = interact(
            #[propagate_context]
            move |connection| (ID.get(), *connection),
        );
        assert_eq!(seen, (Some(7), 1));
        assert_eq!(interact(|_| ID.get()), Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn detached_values() {
    #[propagate_context]
    async fn test() {
        let mut set = JoinSet::new();
        #[detached]
        set.spawn(read());
        assert_eq!(joined(&mut set).await, None);
        #[detached]
        let seen = Typed.spawn(Box::new(read_now));
        assert_eq!(seen, None);
        let future: BoxFuture = Box::pin(ID.scope(8, read()));
        #[detached]
        let seen = Typed.spawn_on(future, &Handle::current());
        assert_eq!(seen, Some(8));
    }
    in_scope(test());
}

#[test]
fn functions_with_a_parameter_at_spawners_that_call_them_with_one() {
    struct Upgrade;
    impl Upgrade {
        fn on_upgrade<F, T>(self, serve: F) -> Read
        where
            F: FnOnce(u32) -> T + Send + 'static,
            T: Future<Output = Read>,
        {
            std::thread::spawn(|| block_on(serve(1))).join().unwrap()
        }
    }
    async fn serve(socket: u32) -> Read {
        ID.get().map(|id| id + socket)
    }
    fn serve_with(more: u32) -> impl FnOnce(u32) -> BoxFuture + Send {
        move |socket| Box::pin(serve(socket + more))
    }
    #[propagate_context]
    fn test() {
        assert_eq!(Upgrade.on_upgrade(serve), Some(8));
        assert_eq!(Upgrade.on_upgrade(serve_with(1)), Some(9));
        fn broadcast(_: rayon::BroadcastContext<'_>) {
            assert_eq!(ID.get(), Some(7));
        }
        rayon::spawn_broadcast(broadcast);
        fn in_scope(scope: &rayon::Scope<'_>) -> Read {
            let _ = scope;
            ID.get()
        }
        assert_eq!(rayon::scope(in_scope), Some(7));
    }
    ID.sync_scope(7, test);
}

/// A value that is not a job is passed unchanged.
#[test]
fn other_values_are_unchanged() {
    #[derive(Default)]
    struct Commands(Vec<u32>);
    impl Commands {
        fn spawn(&mut self, bundle: impl Into<u32>) -> &mut Self {
            self.0.push(bundle.into());
            self
        }
        fn spawn_list(&mut self, list: &[u32]) {
            self.0.extend(list);
        }
        fn spawn_on(&mut self, name: &str, more: &str) {
            self.0
                .extend([name.len(), more.len()].map(|n| u32::try_from(n).unwrap()));
        }
        fn spawn_fn(&mut self, job: Option<Box<dyn Fn() -> u32>>) {
            self.0.extend(job.map(|job| job()));
        }
    }
    struct Worker;
    impl Worker {
        /// The receiver of a channel is a future.
        fn spawn(stop: oneshot::Receiver<u32>, commands: &mut Commands) {
            drop(stop);
            commands.spawn(3u8);
        }
    }
    fn spawn_worker(stop: oneshot::Receiver<u32>) {
        drop(stop);
    }
    fn spawn<T: Default>(_: T) -> T {
        T::default()
    }
    #[propagate_context]
    fn test(commands: &mut Commands) {
        commands.spawn(1u8).spawn(2u16);
        let inferred = 5;
        commands.spawn_list(&[inferred]);
        Worker::spawn(oneshot::channel().1, commands);
        let (_sender, stop) = oneshot::channel();
        Worker::spawn(stop, commands);
        spawn_worker(oneshot::channel().1);
        let list: Vec<u8> = spawn(Vec::new());
        let default: u8 = spawn(Default::default());
        let none: Option<u8> = spawn(None);
        assert_eq!((list.len(), default, none), (0, 0, None));
        assert_eq!(commands.0, [1, 2, 5, 3, 3]);
        let text = String::from("abc");
        commands.spawn_on(text.as_ref(), &*text);
        let more = 4;
        commands.spawn_fn(Some(Box::new(move || more)));
        commands.spawn_fn(None);
        assert_eq!(commands.0[5..], [3, 3, 4]);
    }
    test(&mut Commands::default());
}
