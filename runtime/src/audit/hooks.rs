//! Records where the tasks of lost lines were spawned, with task hooks of tokio (`--cfg tokio_unstable`).

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::Location;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, TaskMeta};
use tokio::task::Id;

use super::store::Counts;
use crate::logging::fields::visit_logged_values;

/// The running tasks, in several maps to reduce contention between workers.
static TASKS: LazyLock<[Mutex<Tasks>; 16]> = LazyLock::new(Default::default);

type Tasks = HashMap<Id, Spawned>;

thread_local! {
    /// A task that has ended on this thread before its spawn was recorded. This happens if tokio cannot start the task
    /// because its runtime has been shut down: the next hook call is that of its spawn.
    static ENDED: Cell<Option<Id>> = const { Cell::new(None) };
}

/// A running task.
struct Spawned {
    at: &'static Location<'static>,
    /// The first logged variable of the scope in which the task was spawned.
    inside_of: Option<String>,
    since: Instant,
}

fn lock(tasks: &'static Mutex<Tasks>) -> MutexGuard<'static, Tasks> {
    tasks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The map that contains a task.
fn tasks_with(id: Id) -> MutexGuard<'static, Tasks> {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    let at = usize::try_from(hasher.finish() % 16).unwrap_or_default();
    lock(&TASKS[at])
}

/// Records where the tasks of this runtime are spawned, so that a report names the spawn that a lost line comes from.
///
/// Requires `RUSTFLAGS="--cfg tokio_unstable"` and tokio 1.46.1 or later. It replaces hooks that were set before; a
/// program with its own hooks calls [`on_task_spawn`] and [`on_task_terminate`] in them. Tokio has no hooks for
/// `spawn_blocking` and for `LocalSet`, so the report names no spawn for their lines.
pub fn hooks(builder: &mut Builder) -> &mut Builder {
    builder
        .on_task_spawn(on_task_spawn)
        .on_task_terminate(on_task_terminate)
}

/// The hook for [`Builder::on_task_spawn`]; see [`hooks`]. Never panics.
pub fn on_task_spawn(task: &TaskMeta<'_>) {
    if ENDED.try_with(Cell::take).ok().flatten() == Some(task.id()) {
        return;
    }
    let mut inside_of = None;
    visit_logged_values(|name, value| {
        inside_of.get_or_insert_with(|| format!("{name}={value}"));
    });
    let spawned = Spawned {
        at: task.spawned_at(),
        inside_of,
        since: Instant::now(),
    };
    tasks_with(task.id()).insert(task.id(), spawned);
}

/// The hook for [`Builder::on_task_terminate`]; see [`hooks`]. Never panics.
pub fn on_task_terminate(task: &TaskMeta<'_>) {
    if tasks_with(task.id()).remove(&task.id()).is_none() {
        let _ = ENDED.try_with(|ended| ended.set(Some(task.id())));
    }
}

/// Records that the running task has logged a line without context.
pub(super) fn note_spawn(counts: &Counts) {
    let Some(id) = tokio::task::try_id() else {
        return;
    };
    let spawned = {
        let tasks = tasks_with(id);
        let spawned = tasks.get(&id);
        spawned.map(|spawned| (spawned.at, spawned.inside_of.clone()))
    };
    if let Some((at, inside_of)) = spawned {
        counts.note_spawn(format!("{}:{}", at.file(), at.line()), inside_of);
    }
}

/// A task that was spawned in a context and has been running for a long time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LongLived {
    /// Where the task was spawned, for example `src/mail.rs:19`.
    pub spawned_at: String,
    /// The first logged variable of the context in which it was spawned, for example `request_id=r-17`.
    pub inside_of: String,
    /// The time since it was spawned.
    pub age: Duration,
}

/// Returns the running tasks that were spawned in a context at least `age` ago, the oldest first.
///
/// A worker that is started lazily by the first request and inherits its context keeps that context forever: spawn it
/// `#[detached]`.
#[must_use]
pub fn long_lived(age: Duration) -> Vec<LongLived> {
    let mut found = Vec::new();
    for tasks in &*TASKS {
        found.extend(lock(tasks).values().filter_map(|task| {
            let inside_of = task.inside_of.clone()?;
            let lived = task.since.elapsed();
            (lived >= age).then(|| LongLived {
                spawned_at: format!("{}:{}", task.at.file(), task.at.line()),
                inside_of,
                age: lived,
            })
        }));
    }
    found.sort_by_key(|task| std::cmp::Reverse(task.age));
    found
}
