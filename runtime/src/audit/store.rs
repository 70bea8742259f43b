//! The counts of the layers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use super::report::{Report, SiteReport, SpawnReport};

/// The process-wide store of [`layer`](super::layer) and [`report`](super::report()).
pub(super) static PROCESS: LazyLock<Arc<Store>> = LazyLock::new(Arc::default);

/// Returns the counts so far of all layers that were created by [`layer`](super::layer).
pub fn report() -> Report {
    PROCESS.report()
}

/// Resets the [`report`](super::report()) to zero, for example between tests or after a warm-up.
///
/// ```
/// propagate_context::audit::reset();
/// assert_eq!(propagate_context::audit::report().sites(), []);
/// ```
pub fn reset() {
    PROCESS.reset();
}

/// A call site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Site {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) target: String,
}

/// The kind of scope in which an event happened.
#[derive(Clone, Copy, Debug)]
pub(super) enum ContextState {
    Inside,
    /// In a scope that is empty on purpose.
    Detached,
    LostInTask,
    LostElsewhere,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    counts: [AtomicU64; 4],
    /// The spawns that lost lines come from, by their location.
    spawns: RwLock<HashMap<String, SpawnReport>>,
}

impl Counts {
    pub(super) fn add(&self, state: ContextState) {
        self.counts[state as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Records that a lost line comes from a task that was spawned at `at`, in the context of `inside_of`.
    #[cfg(tokio_unstable)]
    pub(super) fn note_spawn(&self, at: String, inside_of: Option<String>) {
        let spawns = self.spawns.write();
        let mut spawns = spawns.unwrap_or_else(PoisonError::into_inner);
        let spawn = spawns.entry(at.clone()).or_insert_with(|| SpawnReport {
            at,
            inside_of: None,
            lost: 0,
        });
        spawn.lost += 1;
        spawn.inside_of = spawn.inside_of.take().or(inside_of);
    }

    /// The number of lines without context.
    fn lost(&self) -> u64 {
        self.of(ContextState::LostInTask) + self.of(ContextState::LostElsewhere)
    }

    fn is_zero(&self) -> bool {
        self.counts
            .iter()
            .all(|count| count.load(Ordering::Relaxed) == 0)
    }

    fn reset(&self) {
        for count in &self.counts {
            count.store(0, Ordering::Relaxed);
        }
        let spawns = self.spawns.write();
        spawns.unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn of(&self, state: ContextState) -> u64 {
        self.counts[state as usize].load(Ordering::Relaxed)
    }
}

/// The maximum number of sites. Targets of the `log` crate can be created at run time, and memory must be bounded.
const MAX_SITES: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Store {
    sites: RwLock<HashMap<Site, Arc<Counts>>>,
    /// The counts of all other sites.
    unlisted: Arc<Counts>,
}

impl Store {
    /// Returns the counts of a site. Generic code has several call sites with the same location.
    pub(super) fn site(&self, site: Site) -> Arc<Counts> {
        let known = self.sites.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = known.get(&site) {
            return counts.clone();
        }
        drop(known);
        let sites = self.sites.write();
        let mut sites = sites.unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= MAX_SITES && !sites.contains_key(&site) {
            return self.unlisted.clone();
        }
        sites.entry(site).or_default().clone()
    }

    /// Resets all counts. Layers keep their tables of call sites.
    pub(super) fn reset(&self) {
        let sites = self.sites.read();
        let sites = sites.unwrap_or_else(PoisonError::into_inner);
        for counts in sites.values().chain([&self.unlisted]) {
            counts.reset();
        }
    }

    pub(super) fn report(&self) -> Report {
        let sites = self.sites.read();
        let sites = sites.unwrap_or_else(PoisonError::into_inner);
        let counted = sites.iter().filter(|(_, counts)| !counts.is_zero());
        let reports = counted.map(|(site, counts)| SiteReport {
            file: site.file.clone(),
            line: site.line,
            target: site.target.clone(),
            inside: counts.of(ContextState::Inside),
            detached: counts.of(ContextState::Detached),
            lost_in_tasks: counts.of(ContextState::LostInTask),
            lost_elsewhere: counts.of(ContextState::LostElsewhere),
            spawned_at: spawns(counts),
        });
        Report::new(reports.collect(), self.unlisted.lost())
    }
}

fn spawns(counts: &Counts) -> Vec<SpawnReport> {
    let spawns = counts.spawns.read();
    let spawns = spawns.unwrap_or_else(PoisonError::into_inner);
    let mut spawns: Vec<_> = spawns.values().cloned().collect();
    spawns.sort_by(|a, b| b.lost.cmp(&a.lost).then_with(|| a.at.cmp(&b.at)));
    spawns
}
