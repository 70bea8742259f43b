//! Where the tasks of lost lines were spawned: hooks of tokio's, with `--cfg tokio_unstable`.

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

/// The tasks that are alive, in several maps, so that workers seldom wait for each other.
static TASKS: LazyLock<[Mutex<Tasks>; 16]> = LazyLock::new(Default::default);

type Tasks = HashMap<Id, Spawned>;

thread_local! {
    /// A task that has ended on this thread before its spawn was noted: the next hook is that of its spawn, if tokio
    /// could not start it, since its runtime was shut down.
    static ENDED: Cell<Option<Id>> = const { Cell::new(None) };
}

/// A task that is alive.
struct Spawned {
    at: &'static Location<'static>,
    /// The first logged variable of the scope that it was spawned in.
    inside_of: Option<String>,
    since: Instant,
}

fn lock(tasks: &'static Mutex<Tasks>) -> MutexGuard<'static, Tasks> {
    tasks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The map that a task is in.
fn tasks_with(id: Id) -> MutexGuard<'static, Tasks> {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    let at = usize::try_from(hasher.finish() % 16).unwrap_or_default();
    lock(&TASKS[at])
}

/// Notes where the tasks of this runtime are spawned, so that a report names the spawn which a lost line comes from.
///
/// Only with `RUSTFLAGS="--cfg tokio_unstable"` and tokio 1.46.1 or later. It takes the place of hooks that were set
/// before; a program that has hooks of its own calls [`on_task_spawn`] and [`on_task_terminate`] in them. Tokio has no
/// hooks for `spawn_blocking` and for `LocalSet`: the lines of these name no spawn.
pub fn hooks(builder: &mut Builder) -> &mut Builder {
    builder
        .on_task_spawn(on_task_spawn)
        .on_task_terminate(on_task_terminate)
}

/// For [`Builder::on_task_spawn`]; see [`hooks`]. Never panics.
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

/// For [`Builder::on_task_terminate`]; see [`hooks`]. Never panics.
pub fn on_task_terminate(task: &TaskMeta<'_>) {
    if tasks_with(task.id()).remove(&task.id()).is_none() {
        let _ = ENDED.try_with(|ended| ended.set(Some(task.id())));
    }
}

/// A line without context was logged by the task that runs.
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

/// A task that was spawned in a context and is alive for a long time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LongLived {
    /// Where it was spawned, `src/mail.rs:19`.
    pub spawned_at: String,
    /// The first logged variable of the context that it was spawned in, `request_id=r-17`.
    pub inside_of: String,
    /// How long ago.
    pub age: Duration,
}

/// The tasks that were spawned in a context longer than `age` ago and are still alive, the oldest first.
///
/// A worker that is started lazily by the first request keeps that request's context for good, if it inherits it: spawn
/// it `#[detached]`.
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
