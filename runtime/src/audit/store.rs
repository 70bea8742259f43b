//! What the layers have counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use super::report::{Report, SiteReport, SpawnReport};

/// The store of [`layer`](super::layer) and [`report`](super::report()).
pub(super) static PROCESS: LazyLock<Arc<Store>> = LazyLock::new(Arc::default);

/// What the layers that [`layer`](super::layer) made have counted until now.
pub fn report() -> Report {
    PROCESS.report()
}

/// One call site.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Site {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) target: String,
}

/// Where an event happened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing {
    Inside,
    /// In a scope that is empty on purpose.
    Detached,
    LostInTask,
    LostElsewhere,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    counts: [AtomicU64; 4],
    /// The spawns that lost lines come from, by their place.
    spawns: RwLock<HashMap<String, SpawnReport>>,
}

impl Counts {
    pub(super) fn add(&self, standing: Standing) {
        self.counts[standing as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// A lost line comes from a task that was spawned here, in the context of `inside_of`.
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

    fn of(&self, standing: Standing) -> u64 {
        self.counts[standing as usize].load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    /// By the address of the static metadata of a call site.
    of_callsites: RwLock<HashMap<usize, Arc<Counts>>>,
    sites: RwLock<HashMap<Site, Arc<Counts>>>,
}

impl Store {
    /// The counts of a call site that has been seen before.
    pub(super) fn known(&self, callsite: usize) -> Option<Arc<Counts>> {
        let known = self.of_callsites.read();
        known
            .unwrap_or_else(PoisonError::into_inner)
            .get(&callsite)
            .cloned()
    }

    #[cold]
    pub(super) fn learn(&self, callsite: usize, site: Site) -> Arc<Counts> {
        let counts = self.site(site);
        let known = self.of_callsites.write();
        known
            .unwrap_or_else(PoisonError::into_inner)
            .insert(callsite, counts.clone());
        counts
    }

    /// The counts of a site. Generic code has many call sites at one place.
    pub(super) fn site(&self, site: Site) -> Arc<Counts> {
        let sites = self.sites.write();
        let mut sites = sites.unwrap_or_else(PoisonError::into_inner);
        sites.entry(site).or_default().clone()
    }

    pub(super) fn report(&self) -> Report {
        let sites = self.sites.read();
        let sites = sites.unwrap_or_else(PoisonError::into_inner);
        let reports = sites.iter().map(|(site, counts)| SiteReport {
            file: site.file.clone(),
            line: site.line,
            target: site.target.clone(),
            inside: counts.of(Standing::Inside),
            detached: counts.of(Standing::Detached),
            lost_in_tasks: counts.of(Standing::LostInTask),
            lost_elsewhere: counts.of(Standing::LostElsewhere),
            spawned_at: spawns(counts),
        });
        Report::new(reports.collect())
    }
}

fn spawns(counts: &Counts) -> Vec<SpawnReport> {
    let spawns = counts.spawns.read();
    let spawns = spawns.unwrap_or_else(PoisonError::into_inner);
    let mut spawns: Vec<_> = spawns.values().cloned().collect();
    spawns.sort_by(|a, b| b.lost.cmp(&a.lost).then_with(|| a.at.cmp(&b.at)));
    spawns
}
