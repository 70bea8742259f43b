//! Strands, and what each of them saw. Their names are the same in both runs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A value of a variable. Each write makes a new one, so that its name identifies it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(pub Arc<str>);

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value that is parsed from a carrier is a different one, as its name shows.
impl std::str::FromStr for Label {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(format!("{text}'").into()))
    }
}

/// The variables, in the order of [`Var::ALL`](crate::program::Var::ALL).
pub type Values = [Option<Label>; 4];

/// What a strand saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The values of the current scope.
    Read(Values),
    /// Those of a snapshot.
    Snapshot(Values),
    /// Whether a scope was current at a write.
    Wrote(bool),
    /// A destructor ran, with these values.
    Dropped(Values),
    /// A panic was caught, or a task failed.
    Lost,
    /// A future that was polled once: whether it was ready.
    Ready(bool),
}

/// What each strand saw, in order.
pub type Seen = BTreeMap<String, Vec<Event>>;

#[derive(Debug, Default)]
struct Log(Mutex<Seen>);

/// A body that runs, or a destructor. The same strand has the same name in both runs.
#[derive(Clone, Debug)]
pub struct Strand(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    next: AtomicU32,
    log: Arc<Log>,
}

impl Strand {
    /// The first strand of a run.
    #[must_use]
    pub fn root() -> Self {
        Self::new("0".to_owned(), Arc::default())
    }

    fn new(name: String, log: Arc<Log>) -> Self {
        Self(Arc::new(Inner {
            name,
            next: AtomicU32::new(0),
            log,
        }))
    }

    /// A strand that this one starts.
    #[must_use]
    pub fn child(&self) -> Self {
        Self::new(
            format!("{}.{}", self.0.name, self.next()),
            self.0.log.clone(),
        )
    }

    /// A new value.
    #[must_use]
    pub fn label(&self) -> Label {
        Label(format!("{}:{}", self.0.name, self.next()).into())
    }

    fn next(&self) -> u32 {
        self.0.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Records what it saw.
    pub fn note(&self, event: Event) {
        let mut seen = self.0.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(self.0.name.clone()).or_default().push(event);
    }

    /// What all strands of the run saw.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.0
            .log
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
