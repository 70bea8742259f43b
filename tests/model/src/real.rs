//! The same programs, run by the crate.

mod annotated;

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Poll, Waker};

use futures::FutureExt;
use propagate_context::{Batch, Carried, Context, ContextMap, ContextVar, Propagate, Token, task};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::program::Runtime as On;
use crate::program::{Block, Body, Calls, From, Fut, Layer, Op, Place, Program, Spawner, Var};
use crate::strand::{Event, Label, Seen, Strand, Values};

pub(crate) static ID: ContextVar<Label> = ContextVar::new("id").header("x-id");
static USER: ContextVar<Label> = ContextVar::new("user");
static TASK_ONLY: ContextVar<Label> = ContextVar::new("task_only").task_only();
static LOCALE: ContextVar<Label> =
    ContextVar::new("locale").default_with(|| Label("default".into()));

type Job = Pin<Box<dyn Future<Output = Env> + Send>>;

fn variable(variable: Var) -> &'static ContextVar<Label> {
    match variable {
        Var::Id => &ID,
        Var::User => &USER,
        Var::TaskOnly => &TASK_ONLY,
        Var::Locale => &LOCALE,
    }
}

/// What `program` sees.
///
/// # Panics
///
/// Where there can be no runtime, or a thread keeps a scope.
#[must_use]
pub fn run(program: &Program) -> Seen {
    static MULTI: LazyLock<Runtime> = LazyLock::new(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .expect("a runtime")
    });
    thread_local! {
        static CURRENT: RefCell<Option<Runtime>> = const { RefCell::new(None) };
    }
    let strand = Strand::root();
    let mut env = Env::new(TaskTracker::new());
    let tasks = env.tracker.clone();
    let root = make(&strand, &mut env, &program.root);
    // Dropped out here, and after the runtime has seen the end of it.
    let root = AssertUnwindSafe(root).catch_unwind();
    let wait = async {
        tasks.close();
        tasks.wait().await;
    };
    let end = match program.runtime {
        On::Current => CURRENT.with_borrow_mut(|runtime| {
            let runtime = runtime
                .get_or_insert_with(|| Builder::new_current_thread().build().expect("a runtime"));
            let end = runtime.block_on(root);
            runtime.block_on(wait);
            end
        }),
        On::Multi => {
            let end = MULTI.block_on(root);
            MULTI.block_on(wait);
            end
        }
        On::MultiTask => {
            let end = MULTI
                .block_on(MULTI.spawn(root))
                .unwrap_or_else(|error| Err(Box::new(error)));
            MULTI.block_on(wait);
            end
        }
    };
    drop(end);
    strand.note(Event::Read(read()));
    assert!(ID.try_set(strand.label()).is_err(), "a scope is still open");
    strand.seen()
}

fn read() -> Values {
    Var::ALL.map(|name| variable(name).get())
}

fn look(context: &Context) -> Values {
    Var::ALL.map(|name| context.get(variable(name)))
}

/// What a body keeps. Its futures are dropped in their order.
pub(crate) struct Env {
    tokens: Vec<Token<Label>>,
    snapshots: Vec<Context>,
    kept: Vec<Job>,
    tasks: Vec<JoinHandle<Env>>,
    tracker: TaskTracker,
    /// Told when a task that is to be aborted has come to its end.
    at_end: Option<oneshot::Sender<()>>,
}

impl Env {
    fn new(tracker: TaskTracker) -> Self {
        Self {
            tokens: Vec::new(),
            snapshots: Vec::new(),
            kept: Vec::new(),
            tasks: Vec::new(),
            tracker,
            at_end: None,
        }
    }

    fn give(&mut self, given: bool) -> Self {
        let mut env = Self::new(self.tracker.clone());
        if given {
            env.tokens = std::mem::take(&mut self.tokens);
            env.snapshots = std::mem::take(&mut self.snapshots);
            env.kept = std::mem::take(&mut self.kept);
        }
        env
    }

    fn merge(&mut self, other: Self) {
        self.tokens.extend(other.tokens);
        self.snapshots.extend(other.snapshots);
        self.kept.extend(other.kept);
        self.tasks.extend(other.tasks);
    }
}

fn take<T>(list: &mut Vec<T>, index: usize) -> Option<T> {
    index.checked_rem(list.len()).map(|at| list.remove(at))
}

fn context(snapshots: &[Context], from: From) -> Context {
    match from {
        From::Empty => Context::empty(),
        From::Kept(index) if !snapshots.is_empty() => snapshots[index % snapshots.len()].clone(),
        From::Current | From::Kept(_) => Context::current(),
    }
}

struct OnDrop(Strand, Option<Var>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.note(Event::Dropped(read()));
        if let Some(name) = self.1 {
            let _token = write(&self.0, name);
        }
    }
}

fn write(strand: &Strand, name: Var) -> Option<Token<Label>> {
    let token = variable(name).try_set(strand.label()).ok();
    strand.note(Event::Wrote(token.is_some()));
    token
}

fn make(strand: &Strand, env: &mut Env, fut: &Fut) -> Job {
    let given = env.give(fut.give);
    let snapshots = if fut.give {
        given.snapshots.clone()
    } else {
        env.snapshots.clone()
    };
    make_with(strand, given, &snapshots, fut)
}

fn make_with(strand: &Strand, given: Env, snapshots: &[Context], fut: &Fut) -> Job {
    let mut job = body(strand.child(), &fut.body, given);
    for layer in &fut.layers {
        job = match *layer {
            Layer::Annotated(shape) => annotated::call(shape, job),
            Layer::Detached => Box::pin(annotated::detached(job)),
            Layer::Set(name) => annotated::set(name, strand.child(), job),
            Layer::SetCall(name) => annotated::set_at_call(name, strand.label(), job),
            Layer::Scope(name) => Box::pin(variable(name).scope(strand.label(), job)),
            Layer::InContext(from) => Box::pin(job.in_context(context(snapshots, from))),
            Layer::Message(from) => {
                Box::pin(Carried::with_context(job, context(snapshots, from)).run_async(|job| job))
            }
            Layer::Batch => {
                let message = Carried::with_context(job, Context::current());
                let batch: Batch<Job> = std::iter::once(message).collect();
                Box::pin(batch.run_async(|jobs| async {
                    match jobs.into_iter().next() {
                        Some(job) => job.await,
                        None => unreachable!("there is one"),
                    }
                }))
            }
            Layer::Entry(from) => {
                let mut carrier = ContextMap::new();
                context(snapshots, from).inject(&mut carrier);
                Box::pin(annotated::entry(carrier, job))
            }
        };
    }
    job
}

fn body(strand: Strand, body: &Body, env: Env) -> Job {
    Box::pin(run_body(strand, body.clone(), env))
}

/// Polls to the end, here and now.
fn poll_to_end(mut job: Job) -> Env {
    let mut cx = std::task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(env) = job.as_mut().poll(&mut cx) {
            return env;
        }
    }
}

/// A panic that no hook hears of.
fn unwind() -> ! {
    resume_unwind(Box::new("on purpose"))
}

/// Runs `f` on a new thread, to the end.
fn on_thread<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    let end = std::thread::scope(|scope| scope.spawn(f).join());
    end.unwrap_or_else(|panic| resume_unwind(panic))
}

fn at<R: Send>(place: Place, f: impl FnOnce() -> R + Send) -> R {
    match place {
        Place::Here => f(),
        Place::Thread => on_thread(f),
    }
}

fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

async fn run_body(strand: Strand, body: Body, mut env: Env) -> Env {
    let mut guards = Vec::new();
    for op in &body {
        match op {
            Op::Read => strand.note(Event::Read(read())),
            Op::Set(name) => env.tokens.extend(write(&strand, *name)),
            Op::Reset(index) => {
                if let Some(token) = take(&mut env.tokens, *index) {
                    token.reset();
                }
            }
            Op::Yield => yield_now().await,
            Op::Forever => {
                if let Some(at_end) = env.at_end.take() {
                    let _gone = at_end.send(());
                }
                pending::<()>().await;
            }
            Op::Snapshot => env.snapshots.push(Context::current()),
            Op::Look(index) => {
                if let Some(at) = index.checked_rem(env.snapshots.len()) {
                    strand.note(Event::Snapshot(look(&env.snapshots[at])));
                }
            }
            Op::Guard(name) => guards.push(OnDrop(strand.child(), *name)),
            Op::Panic => unwind(),
            Op::Sync(block, given, body) => run_sync(&strand, &mut env, *block, *given, body),
            Op::Wrap(calls, from, place, body) => {
                run_wrap(&strand, &env, *calls, *from, *place, body);
            }
            Op::Await(fut) => {
                let ready = make(&strand, &mut env, fut).await;
                env.merge(ready);
            }
            Op::Catch(fut) => match AssertUnwindSafe(make(&strand, &mut env, fut))
                .catch_unwind()
                .await
            {
                Ok(ready) => env.merge(ready),
                Err(_) => strand.note(Event::Lost),
            },
            Op::Make(fut) => {
                let job = make(&strand, &mut env, fut);
                env.kept.push(job);
            }
            Op::Poll(index, place) => poll_kept(&strand, &mut env, *index, *place),
            Op::AwaitKept(index) => {
                if let Some(job) = take(&mut env.kept, *index) {
                    let ready = job.await;
                    env.merge(ready);
                }
            }
            Op::DropKept(index, place) => {
                if let Some(job) = take(&mut env.kept, *index) {
                    at(*place, || drop(job));
                }
            }
            Op::Join(futs) => {
                let jobs = futs
                    .iter()
                    .map(|fut| (make(&strand, &mut env, fut), None))
                    .collect();
                for ready in join(jobs).await {
                    env.merge(ready);
                }
            }
            Op::Select(futs) => {
                let jobs = futs
                    .iter()
                    .map(|fut| make(&strand, &mut env, fut))
                    .collect();
                let ready = select(jobs).await;
                env.merge(ready);
            }
            Op::Spawn(by, fut) => {
                let job = make(&strand, &mut env, fut);
                let task = spawn(*by, &env.tracker, job);
                env.tasks.push(task);
            }
            Op::Abort(by, fut) => abort(&strand, &mut env, *by, fut).await,
            Op::Blocking(by, given, body) => {
                let given = env.give(*given);
                let task = spawn_blocking(*by, strand.child(), body.clone(), given);
                env.tasks.push(task);
            }
            Op::AwaitTasks => {
                for task in std::mem::take(&mut env.tasks) {
                    match task.await {
                        Ok(ready) => env.merge(ready),
                        Err(_) => strand.note(Event::Lost),
                    }
                }
            }
        }
    }
    drop(guards);
    env
}

fn poll_kept(strand: &Strand, env: &mut Env, index: usize, place: Place) {
    let Some(mut job) = take(&mut env.kept, index) else {
        return;
    };
    let poll = || {
        let mut cx = std::task::Context::from_waker(Waker::noop());
        caught(|| job.as_mut().poll(&mut cx))
    };
    match at(place, poll) {
        Some(Poll::Pending) => {
            strand.note(Event::Ready(false));
            env.kept.push(job);
        }
        Some(Poll::Ready(ready)) => {
            strand.note(Event::Ready(true));
            env.merge(ready);
        }
        None => strand.note(Event::Lost),
    }
}

fn run_sync(strand: &Strand, env: &mut Env, block: Block, given: bool, code: &Body) {
    let given_env = env.give(given);
    let snapshots = if given {
        given_env.snapshots.clone()
    } else {
        env.snapshots.clone()
    };
    let label = matches!(block, Block::Scope(_) | Block::Set(_)).then(|| strand.label());
    let job = body(strand.child(), code, given_env);
    let f = || poll_to_end(job);
    let ready = match (block, label) {
        (Block::Scope(name), Some(label)) => Some(variable(name).sync_scope(label, f)),
        (Block::Set(name), Some(label)) => Some(annotated::set_sync(name, label, f)),
        (Block::Context(from), _) => Some(context(&snapshots, from).sync_scope(f)),
        (Block::Annotated, _) => Some(annotated::sync(f)),
        (Block::Detached, _) => Some(annotated::detached_sync(f)),
        (Block::Message(from), _) => {
            Some(Carried::with_context((), context(&snapshots, from)).run(|()| f()))
        }
        (Block::Batch, _) => {
            let message = Carried::new(());
            Some(std::iter::once(message).collect::<Batch<()>>().run(|_| f()))
        }
        (Block::Thread, _) => std::thread::scope(|scope| scope.spawn(f).join()).ok(),
        (Block::AnnotatedThread, _) => annotated::thread(f).join().ok(),
        (Block::Catch, _) => caught(f),
        (Block::Scope(_) | Block::Set(_), None) => unreachable!("it has a label"),
    };
    match ready {
        Some(ready) => env.merge(ready),
        None => strand.note(Event::Lost),
    }
}

fn run_wrap(strand: &Strand, env: &Env, calls: Calls, from: From, place: Place, code: &Body) {
    let context = context(&env.snapshots, from);
    let guard = OnDrop(strand.child(), None);
    let tracker = env.tracker.clone();
    let once = || {
        drop(poll_to_end(body(
            strand.child(),
            code,
            Env::new(tracker.clone()),
        )));
    };
    let done = match calls {
        Calls::Once(called) => {
            let once = &once;
            let f = context.wrap(move || {
                once();
                drop(guard);
            });
            at(place, || caught(|| if called { f() } else { drop(f) }))
        }
        Calls::Mut(times) => {
            let once = &once;
            let mut f = context.wrap_mut(move || {
                let _guard = &guard;
                once();
            });
            at(place, || caught(move || (0..times).for_each(|_| f())))
        }
        Calls::Fn(times) => {
            let once = &once;
            let f = context.wrap_fn(move || {
                let _guard = &guard;
                once();
            });
            at(place, || caught(move || (0..times).for_each(|_| f())))
        }
    };
    if done.is_none() {
        strand.note(Event::Lost);
    }
}

/// What a task keeps is dropped in it.
async fn end_of_task(job: Job) -> Env {
    let mut env = job.await;
    env.kept.clear();
    env.tasks.clear();
    env
}

fn spawn(by: Spawner, tracker: &TaskTracker, job: Job) -> JoinHandle<Env> {
    let token = tracker.token();
    // The token goes last.
    let until_its_end = |job: Job| -> Job {
        Box::pin(async move {
            let _token = token;
            job.await
        })
    };
    let job: Job = Box::pin(end_of_task(job));
    match by {
        Spawner::Plain => tokio::spawn(until_its_end(job)),
        Spawner::Task => task::spawn(until_its_end(job)),
        Spawner::InCurrent => tokio::spawn(until_its_end(job).in_current_context()),
        Spawner::Annotated => annotated::spawn(until_its_end(job)),
        Spawner::Detached => annotated::spawn_detached(until_its_end(job)),
    }
}

fn spawn_blocking(by: Spawner, strand: Strand, code: Body, env: Env) -> JoinHandle<Env> {
    let token = env.tracker.token();
    let f = move || {
        let _token = token;
        poll_to_end(Box::pin(end_of_task(body(strand, &code, env))))
    };
    match by {
        Spawner::Plain => tokio::task::spawn_blocking(f),
        Spawner::Task => task::spawn_blocking(f),
        Spawner::InCurrent => tokio::task::spawn_blocking(Context::current().wrap(f)),
        Spawner::Annotated => annotated::spawn_blocking(f),
        Spawner::Detached => annotated::spawn_blocking_detached(f),
    }
}

async fn abort(strand: &Strand, env: &mut Env, by: Spawner, fut: &Fut) {
    let mut given = env.give(fut.give);
    let snapshots = if fut.give {
        given.snapshots.clone()
    } else {
        env.snapshots.clone()
    };
    let (at_end, came) = oneshot::channel();
    given.at_end = Some(at_end);
    let job = make_with(strand, given, &snapshots, fut);
    let task = spawn(by, &env.tracker, job);
    let _panicked = came.await;
    task.abort();
    drop(task.await);
}

/// Not ready once.
async fn yield_now() {
    let mut polled = false;
    poll_fn(|cx| {
        if polled {
            return Poll::Ready(());
        }
        polled = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls all in their order, until all are ready.
async fn join(mut jobs: Vec<(Job, Option<Env>)>) -> Vec<Env> {
    poll_fn(|cx| {
        for (job, ready) in &mut jobs {
            if ready.is_none() {
                if let Poll::Ready(env) = job.as_mut().poll(cx) {
                    *ready = Some(env);
                }
            }
        }
        if jobs.iter().all(|(_, ready)| ready.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    jobs.iter_mut()
        .filter_map(|(_, ready)| ready.take())
        .collect()
}

/// Polls all in their order, until one is ready, and drops them all.
async fn select(mut jobs: Vec<Job>) -> Env {
    let ready = poll_fn(|cx| {
        for job in &mut jobs {
            if let Poll::Ready(env) = job.as_mut().poll(cx) {
                return Poll::Ready(env);
            }
        }
        Poll::Pending
    })
    .await;
    drop(jobs);
    ready
}
