//! A worker that the first request starts inherits its values, unless it is detached; no message of another request sees
//! them, however the worker was started and however it handles the message.

use std::collections::HashMap;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{LazyLock, Mutex, OnceLock};
use std::task::Poll;

use propagate_context::entry::{Entry, Inbound};
use propagate_context::{
    Batch, Carried, Context, ContextVar, Propagator, REQUEST_ID, context_entry, propagate_context,
};
use propagate_context_tests::poll_once;
use tokio::sync::{mpsc, oneshot};

use crate::support::wire::id;

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
static TURN: ContextVar<u32> = ContextVar::new("turn");

type Seen = (String, Option<String>);

fn seen() -> Seen {
    (id(), TENANT.get())
}

fn context(id: &str, tenant: Option<&str>) -> Context {
    let context = match id {
        "" => Context::empty(),
        id => Context::empty().with(&REQUEST_ID, id.parse().unwrap()),
    };
    match tenant {
        Some(tenant) => context.with(&TENANT, tenant.to_owned()),
        None => context,
    }
}

/// A message, how it is handled, and where what was seen is sent: by the worker itself, and by the handler.
struct Job {
    context: Context,
    handle: Handle,
    answer: oneshot::Sender<(Seen, Vec<Seen>)>,
}

impl Job {
    fn run(self) {
        let outside = seen();
        let inside = (self.handle)(self.context);
        assert_eq!(seen(), outside);
        self.answer.send((outside, inside)).unwrap();
    }
}

type Worker = mpsc::UnboundedSender<Job>;
type Jobs = mpsc::UnboundedReceiver<Job>;

fn work(mut jobs: Jobs) {
    while let Some(job) = jobs.blocking_recv() {
        job.run();
    }
}

async fn work_async(mut jobs: Jobs) {
    while let Some(job) = jobs.recv().await {
        job.run();
    }
}

#[propagate_context]
async fn annotated_work(jobs: Jobs) {
    work_async(jobs).await;
}

#[propagate_context(detached)]
async fn detached_work(jobs: Jobs) {
    work_async(jobs).await;
}

/// The first call starts the worker. It runs in the scope of a request.
type Start = (&'static str, fn(&OnceLock<Worker>) -> Worker);

const STARTS: [Start; 7] = [
    ("a task", task),
    ("a thread", thread),
    ("a named thread", named_thread),
    ("a blocking thread of tokio", blocking_thread),
    ("in a LazyLock", in_a_lazy_lock),
    ("in a Mutex", in_a_mutex),
    ("a thread with a runtime", thread_with_a_runtime),
];

#[propagate_context]
fn task(worker: &OnceLock<Worker>) -> Worker {
    let start = || {
        let (worker, jobs) = mpsc::unbounded_channel();
        tokio::spawn(work_async(jobs));
        worker
    };
    worker.get_or_init(start).clone()
}

#[propagate_context]
fn thread(worker: &OnceLock<Worker>) -> Worker {
    let start = || {
        let (worker, jobs) = mpsc::unbounded_channel();
        std::thread::spawn(|| work(jobs));
        worker
    };
    worker.get_or_init(start).clone()
}

#[propagate_context]
fn named_thread(worker: &OnceLock<Worker>) -> Worker {
    let start = || {
        let (worker, jobs) = mpsc::unbounded_channel();
        let named = std::thread::Builder::new().name("worker".to_owned());
        named.spawn(|| work(jobs)).unwrap();
        worker
    };
    worker.get_or_init(start).clone()
}

#[propagate_context]
fn blocking_thread(worker: &OnceLock<Worker>) -> Worker {
    let start = || {
        let (worker, jobs) = mpsc::unbounded_channel();
        tokio::task::spawn_blocking(|| work(jobs));
        worker
    };
    worker.get_or_init(start).clone()
}

/// Without an attribute where it is spawned: the worker's own captures at the call.
fn in_a_lazy_lock(worker: &OnceLock<Worker>) -> Worker {
    fn start() -> Worker {
        let (worker, jobs) = mpsc::unbounded_channel();
        tokio::spawn(annotated_work(jobs));
        worker
    }
    let lazy: LazyLock<Worker> = LazyLock::new(start);
    worker.get_or_init(|| lazy.clone()).clone()
}

fn in_a_mutex(worker: &OnceLock<Worker>) -> Worker {
    #[propagate_context]
    fn start() -> Worker {
        let started = Mutex::new(None);
        let mut started = started.lock().unwrap();
        let start = || {
            let (worker, jobs) = mpsc::unbounded_channel();
            tokio::spawn(work_async(jobs));
            worker
        };
        started.get_or_insert_with(start).clone()
    }
    worker.get_or_init(start).clone()
}

#[propagate_context]
fn thread_with_a_runtime(worker: &OnceLock<Worker>) -> Worker {
    let start = || {
        let (worker, jobs) = mpsc::unbounded_channel();
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            runtime.unwrap().block_on(work_async(jobs));
        });
        worker
    };
    worker.get_or_init(start).clone()
}

/// How a message with this context is handled; returns what is seen in it.
type Handle = fn(Context) -> Vec<Seen>;

const HANDLES: [(&str, Handle); 8] = [
    ("Carried::run", |context| {
        let called_outside = annotated();
        Carried::with_context((), context).run(|()| everywhere(called_outside))
    }),
    ("Carried::run_async", |context| {
        let called_outside = annotated();
        let message = Carried::with_context((), context);
        wait(message.run_async(async |()| everywhere(called_outside)))
    }),
    ("an entry with a carrier", |context| {
        wait(entry(headers(&context), annotated()))
    }),
    ("Entry::open", |context| {
        let called_outside = annotated();
        let id = Inbound::new(&REQUEST_ID).generate_none();
        let policy = Entry::new().extract(id).extract(&TENANT);
        let opened = policy.open(&headers(&context)).unwrap();
        opened.sync_scope(|| everywhere(called_outside))
    }),
    ("Propagator::extract", |context| {
        let called_outside = annotated();
        let propagator = Propagator::new()
            .with_variable(&REQUEST_ID)
            .with_variable(&TENANT);
        let extracted = propagator.extract(&headers(&context));
        extracted.sync_scope(|| everywhere(called_outside))
    }),
    ("a message in a message", |context| {
        let outer = Carried::with_context((), self::context("outer", Some("outer")));
        outer.run(|()| {
            let called_outside = annotated();
            Carried::with_context((), context).run(|()| everywhere(called_outside))
        })
    }),
    ("a message in an entry in a batch", |context| {
        let outer = Carried::with_context((), self::context("outer", Some("outer")));
        let outer: Batch<()> = [outer].into_iter().collect();
        outer.run(|_| {
            let called_outside = annotated();
            wait(entry_of_a_message(headers(&context), called_outside))
        })
    }),
    ("a message by messages", |context| {
        let called_outside = annotated();
        let message = Carried::with_context(called_outside, context);
        let message: Carried<_> = message.run(Carried::new);
        std::thread::spawn(|| message.run(everywhere))
            .join()
            .unwrap()
    }),
];

#[context_entry(carrier = headers, vars = [TENANT], generate = none)]
async fn entry(headers: HashMap<String, String>, called_outside: Called) -> Vec<Seen> {
    drop(headers);
    everywhere(called_outside)
}

#[context_entry(carrier = headers, vars = [TENANT], generate = none)]
async fn entry_of_a_message(headers: HashMap<String, String>, called_outside: Called) -> Vec<Seen> {
    drop(headers);
    Carried::new(called_outside).run(everywhere)
}

fn headers(context: &Context) -> HashMap<String, String> {
    let mut headers = HashMap::new();
    context.inject(&mut headers);
    headers
}

type Called = Pin<Box<dyn Future<Output = Seen> + Send>>;

/// Called where the worker runs, and polled in a message.
fn annotated() -> Called {
    #[propagate_context]
    async fn annotated() -> Seen {
        turn().await;
        seen()
    }
    Box::pin(TURN.scope(1, annotated()))
}

/// What `future` returns. The executor of `futures` cannot run inside itself.
fn wait<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = poll_once(&mut future) {
            return output;
        }
    }
}

/// Pending once. tokio's `yield_now` would wait for the worker that is blocked here.
async fn turn() {
    let mut waited = false;
    poll_fn(|cx| {
        if mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// In each way in which code of a handler may look.
#[propagate_context]
fn everywhere(called_outside: Called) -> Vec<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let in_a_task = std::thread::spawn(move || {
        let runtime = runtime.unwrap();
        let task = runtime.spawn(async { seen() });
        runtime.block_on(task).unwrap()
    });
    vec![
        seen(),
        in_a_task.join().unwrap(),
        std::thread::spawn(seen).join().unwrap(),
        Context::current().wrap(seen)(),
        wait(annotated()),
        wait(called_outside),
        wait(TURN.scope(2, async { seen() })),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_of_another_request_sees_their_values() {
    for (start, worker) in STARTS {
        for (name, handle) in HANDLES {
            let lazy = OnceLock::new();
            for (id, tenant) in [("a", Some("acme")), ("b", None), ("", None)] {
                let context = context(id, tenant);
                let worker = context.sync_scope(|| worker(&lazy));
                let (answer, answered) = oneshot::channel();
                let job = Job {
                    context,
                    handle,
                    answer,
                };
                assert!(worker.send(job).is_ok());
                let (outside, inside) = answered.await.unwrap();
                let first = ("a".to_owned(), Some("acme".to_owned()));
                assert_eq!(outside, first, "{start}: it inherits");
                let expected = (id.to_owned(), tenant.map(str::to_owned));
                assert_eq!(inside, vec![expected; inside.len()], "{start}, {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_detached_worker_has_none() {
    #[propagate_context]
    fn start() -> [Worker; 2] {
        let (worker, jobs) = mpsc::unbounded_channel();
        #[detached]
        tokio::spawn(annotated_work(jobs));
        let (other, jobs) = mpsc::unbounded_channel();
        tokio::spawn(detached_work(jobs));
        [worker, other]
    }
    for worker in context("a", Some("acme")).sync_scope(start) {
        for (name, handle) in HANDLES {
            let context = context("b", None);
            let (answer, answered) = oneshot::channel();
            let job = Job {
                context,
                handle,
                answer,
            };
            assert!(worker.send(job).is_ok());
            let (outside, inside) = answered.await.unwrap();
            assert_eq!(outside, (String::new(), None));
            assert_eq!(inside, vec![("b".to_owned(), None); inside.len()], "{name}");
        }
    }
}
