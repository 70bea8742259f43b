//! `AuditLayer`: looks at each event of first-party code.

use std::fmt::Debug;
use std::sync::Arc;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::report::Report;
use super::store::{Counts, PROCESS, Site, Standing, Store};
use crate::context::current;

/// A layer that counts for [`report`](super::report()), for the process.
#[must_use]
pub fn layer() -> AuditLayer {
    AuditLayer {
        store: PROCESS.clone(),
        first_party: Vec::new(),
    }
}

/// A `tracing_subscriber` layer that notes where lines are outside of every context; made by [`layer`].
#[derive(Clone, Debug)]
pub struct AuditLayer {
    store: Arc<Store>,
    first_party: Vec<String>,
}

impl AuditLayer {
    /// A layer that counts for itself alone, such as in a test. Its clones count together.
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
        Self {
            store: Arc::default(),
            first_party: Vec::new(),
        }
    }

    /// Looks at files whose path starts with one of these, in place of all whose path is relative.
    #[must_use]
    pub fn first_party(mut self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.first_party
            .extend(prefixes.into_iter().map(Into::into));
        self
    }

    /// What this layer and its clones have counted.
    pub fn report(&self) -> Report {
        self.store.report()
    }

    fn is_first_party(&self, file: &str) -> bool {
        if !self.first_party.is_empty() {
            return self.first_party.iter().any(|known| file.starts_with(known));
        }
        let is_absolute = file.starts_with(['/', '\\']) || file.get(1..2) == Some(":");
        let mut folders = file.split(['/', '\\']);
        !is_absolute && !folders.any(|folder| folder == "vendor")
    }

    fn counts(&self, event: &Event<'_>) -> Option<Arc<Counts>> {
        let metadata = event.metadata();
        let Some(file) = metadata.file() else {
            // A record of the `log` crate: all of them share a few call sites.
            let mut record = LogRecord::default();
            event.record(&mut record);
            let site = record.site?;
            return self
                .is_first_party(&site.file)
                .then(|| self.store.site(site));
        };
        if !self.is_first_party(file) {
            return None;
        }
        let callsite = std::ptr::from_ref(metadata).addr();
        Some(self.store.known(callsite).unwrap_or_else(|| {
            let site = Site {
                file: file.to_owned(),
                line: metadata.line().unwrap_or_default(),
                target: metadata.target().to_owned(),
            };
            self.store.learn(callsite, site)
        }))
    }
}

impl<S: Subscriber> Layer<S> for AuditLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if let Some(counts) = self.counts(event) {
            let standing = standing();
            counts.add(standing);
            #[cfg(tokio_unstable)]
            if let Standing::LostInTask = standing {
                super::hooks::note_spawn(&counts);
            }
        }
    }
}

fn standing() -> Standing {
    let inside = current::inspect(|scope| {
        let scope = scope.filter(|scope| !scope.is_vacant())?;
        Some(!scope.table.is_empty())
    });
    match inside {
        Some(true) => Standing::Inside,
        Some(false) => Standing::Detached,
        None if tokio::task::try_id().is_some() => Standing::LostInTask,
        None => Standing::LostElsewhere,
    }
}

/// What the bridge between `log` and `tracing` says of a record.
#[derive(Default)]
struct LogRecord {
    site: Option<Site>,
}

impl LogRecord {
    fn site(&mut self) -> &mut Site {
        self.site.get_or_insert_with(|| Site {
            file: String::new(),
            line: 0,
            target: String::new(),
        })
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
    }
}
