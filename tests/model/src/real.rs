//! The same programs, run by the crate.

mod annotated;
mod block;
mod body;
mod make;
mod tasks;
mod wait;

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Poll, Waker};

use futures::FutureExt;
use propagate_context::{Context, ContextVar, Token};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use self::make::make;
use crate::program::Runtime as On;
use crate::program::{From, Place, Program, Var};
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

/// What `program` sees when the crate runs it.
///
/// # Panics
///
/// If a runtime cannot be built, or a scope is left on a thread.
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
    // Dropped outside of the runtime, after that has finished.
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
    /// Notified when a task that is to be aborted has reached its last statement.
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

/// Polls to completion on this thread.
fn poll_to_end(mut job: Job) -> Env {
    let mut cx = std::task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(env) = job.as_mut().poll(&mut cx) {
            return env;
        }
    }
}

/// A panic that does not call the panic hook.
fn unwind() -> ! {
    resume_unwind(Box::new("on purpose"))
}

/// Runs `f` to completion on a new thread.
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
