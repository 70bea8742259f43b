//! `AuditLayer`: counts the events of first-party code.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash};
use std::sync::Arc;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::callsites::{Callsites, Known};
use super::report::Report;
use super::store::{ContextState, PROCESS, Site, Store};
use crate::context::current;

/// Returns a layer that counts for the process-wide [`report`](super::report()).
#[must_use]
pub fn layer() -> AuditLayer {
    AuditLayer::of(PROCESS.clone())
}

/// A `tracing_subscriber` layer that counts the lines that are outside of every context; made by [`layer`].
///
/// If a subscriber has two layers that count together, the second one counts nothing, so that no line is counted twice.
#[derive(Clone, Debug)]
pub struct AuditLayer {
    store: Arc<Store>,
    callsites: Arc<Callsites>,
    first_party: Vec<String>,
    /// The stores that the subscriber's inner layers count for.
    inner: Vec<Arc<Store>>,
    is_second: bool,
}

impl AuditLayer {
    fn of(store: Arc<Store>) -> Self {
        Self {
            store,
            callsites: Arc::default(),
            first_party: Vec::new(),
            inner: Vec::new(),
            is_second: false,
        }
    }

    /// Returns a layer with a separate report, for example for a test. Its clones count together.
    ///
    /// ```
    /// # use propagate_context::audit::AuditLayer;
    /// # use tracing_subscriber::layer::SubscriberExt;
    /// let audit = AuditLayer::separate().first_party([""]); // every file
    /// let subscriber = tracing_subscriber::registry().with(audit.clone());
    /// tracing::subscriber::with_default(subscriber, || tracing::info!("starting"));
    /// assert_eq!(audit.report().lost().count(), 1);
    /// ```
    #[must_use]
    pub fn separate() -> Self {
        Self::of(Arc::default())
    }

    /// Counts files whose path starts with one of these prefixes, instead of all files with a relative path. `/` and
    /// `\` are equivalent.
    ///
    /// Members of a workspace that are outside of its directory have absolute paths, as do all files in builds that
    /// pass absolute paths to the compiler. Name their directories in that case.
    #[must_use]
    pub fn first_party(mut self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.first_party
            .extend(prefixes.into_iter().map(Into::into));
        self.callsites = Arc::default();
        self
    }

    /// Returns the counts of this layer and its clones.
    pub fn report(&self) -> Report {
        self.store.report()
    }

    /// Resets the counts of this layer and its clones to zero.
    pub fn reset(&self) {
        self.store.reset();
    }

    fn is_first_party(&self, file: &str) -> bool {
        if !self.first_party.is_empty() {
            let is_in = |folder: &String| starts_with_path(file, folder);
            return self.first_party.iter().any(is_in);
        }
        let is_absolute = file.starts_with(['/', '\\']) || file.get(1..2) == Some(":");
        let mut folders = file.split(['/', '\\']);
        // A record of the `log` crate may have no file.
        !file.is_empty() && !is_absolute && !folders.any(|folder| folder == "vendor")
    }

    #[cold]
    fn learn(&self, key: usize, site: Site) {
        let known = if self.is_first_party(&site.file) {
            Known::Counted(self.store.site(site))
        } else {
            Known::ThirdParty
        };
        self.callsites.add(key, &known);
        count(&known);
    }

    /// Handles an event that is not in the table: a new call site, or a record of the `log` crate. Those records share
    /// a few call sites.
    #[cold]
    fn on_other_event(&self, callsite: usize, event: &Event<'_>) {
        let metadata = event.metadata();
        if let Some(file) = metadata.file() {
            let site = Site {
                file: file.to_owned(),
                line: metadata.line().unwrap_or_default(),
                target: metadata.target().to_owned(),
            };
            self.learn(callsite, site);
            return;
        }
        let mut hash = HashedRecord(self.callsites.hasher());
        event.record(&mut hash);
        let key = Callsites::key_of(&hash.0);
        if let Some(known) = self.callsites.get(key) {
            count(known);
            return;
        }
        let mut record = LogRecord::default();
        event.record(&mut record);
        if let Some(site) = record.site {
            self.learn(key, site);
        }
    }
}

#[inline]
fn count(known: &Known) {
    if let Known::Counted(counts) = known {
        let state = state();
        counts.add(state);
        #[cfg(tokio_unstable)]
        if let ContextState::LostInTask = state {
            super::hooks::note_spawn(counts);
        }
    }
}

/// Whether a path starts with a prefix, ignoring the kind of path separator.
fn starts_with_path(path: &str, prefix: &str) -> bool {
    let plain = |byte: u8| if byte == b'\\' { b'/' } else { byte };
    let mut path = path.bytes().map(plain);
    prefix
        .bytes()
        .map(plain)
        .all(|byte| path.next() == Some(byte))
}

impl<S: Subscriber> Layer<S> for AuditLayer {
    fn on_layer(&mut self, subscriber: &mut S) {
        let subscriber: &dyn Subscriber = subscriber;
        self.inner.clear();
        if let Some(next) = subscriber.downcast_ref::<AuditLayer>() {
            self.inner.clone_from(&next.inner);
            self.inner.push(next.store.clone());
        }
        let is_same = |inner: &Arc<Store>| Arc::ptr_eq(inner, &self.store);
        self.is_second = self.inner.iter().any(is_same);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if self.is_second {
            return;
        }
        let callsite = std::ptr::from_ref(event.metadata()).addr();
        match self.callsites.get(callsite) {
            Some(known) => count(known),
            None => self.on_other_event(callsite, event),
        }
    }
}

fn state() -> ContextState {
    let inside = current::inspect(|scope| {
        let scope = scope.filter(|scope| !scope.is_vacant())?;
        Some(!scope.table.is_empty())
    });
    match inside {
        Some(true) => ContextState::Inside,
        Some(false) => ContextState::Detached,
        None if tokio::task::try_id().is_some() => ContextState::LostInTask,
        None => ContextState::LostElsewhere,
    }
}

/// Hashes the location of a record of the `log` crate.
struct HashedRecord(DefaultHasher);

impl Visit for HashedRecord {
    fn record_str(&mut self, field: &Field, value: &str) {
        if matches!(field.name(), "log.file" | "log.target") {
            value.hash(&mut self.0);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "log.line" {
            value.hash(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// The location of a record, as provided by the bridge from `log` to `tracing`.
#[derive(Default)]
struct LogRecord {
    site: Option<Site>,
}

impl LogRecord {
    fn site(&mut self) -> &mut Site {
        self.site.get_or_insert_default()
    }
}

impl Visit for LogRecord {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "log.file" => value.clone_into(&mut self.site().file),
            "log.target" => value.clone_into(&mut self.site().target),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "log.line" {
            self.site().line = value.try_into().unwrap_or_default();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[cfg(test)]
mod tests {
    use super::AuditLayer;

    #[test]
    fn third_party_code_has_an_absolute_path_or_is_vendored() {
        let audit = AuditLayer::separate();
        for first_party in ["src/mail.rs", "crates/mail/src/lib.rs", r"src\mail.rs"] {
            assert!(audit.is_first_party(first_party), "{first_party}");
        }
        for third_party in [
            "/home/me/.cargo/registry/src/index/hyper-1.0.0/src/lib.rs",
            r"C:\Users\me\.cargo\registry\src\index\hyper-1.0.0\src\lib.rs",
            "vendor/hyper/src/lib.rs",
            r"vendor\hyper\src\lib.rs",
        ] {
            assert!(!audit.is_first_party(third_party), "{third_party}");
        }
        let named = audit.first_party(["/srv/shop/", "vendor/ours/"]);
        assert!(named.is_first_party("/srv/shop/src/mail.rs"));
        assert!(named.is_first_party("vendor/ours/src/lib.rs"));
        assert!(!named.is_first_party("src/mail.rs"));
        let on_windows = AuditLayer::separate().first_party([r"C:\shop", "crates/mail/"]);
        assert!(on_windows.is_first_party("C:/shop/src/mail.rs"));
        assert!(on_windows.is_first_party(r"crates\mail\src\lib.rs"));
    }
}
