//! `CaptureLayer`: assigns each event to the test that it belongs to.

use std::cell::RefCell;
use std::fmt::Debug;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::logs::{Line, Logs};
use crate::context::test_support::CAPTURE;
use crate::logging::fields::visit_logged_values;

thread_local! {
    /// The tests that are running on this thread, the innermost last.
    static RUNNING: RefCell<Vec<Logs>> = const { RefCell::new(Vec::new()) };
}

/// Returns the layer that captures log lines. A program whose tests install a subscriber adds it to that subscriber.
#[must_use]
pub fn layer() -> CaptureLayer {
    CaptureLayer(())
}

/// A layer that assigns each event to the test that it belongs to; made by [`layer`].
#[derive(Debug)]
pub struct CaptureLayer(());

impl<S: Subscriber> Layer<S> for CaptureLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        // Debug and trace lines of dependencies are not captured.
        let is_ours = metadata.file().is_none_or(|file| !file.starts_with('/'));
        if !is_ours && *metadata.level() > Level::INFO {
            return;
        }
        if let Some(logs) = logs_of_current() {
            let mut line = Line {
                level: *metadata.level(),
                target: metadata.target().to_owned(),
                message: String::new(),
                fields: Vec::new(),
                variables: Vec::new(),
            };
            event.record(&mut Fields(&mut line));
            visit_logged_values(|name, value| {
                line.variables.push((name.to_owned(), value.to_string()));
            });
            logs.push(line);
        }
    }
}

/// Returns the logs of the test that the current scope belongs to, or of the one that runs on this thread.
fn logs_of_current() -> Option<Logs> {
    let inherited = CAPTURE.peek(|capture| capture?.downcast_ref::<Logs>().cloned());
    inherited.or_else(|| {
        let running = RUNNING.try_with(|running| running.borrow().last().cloned());
        running.ok().flatten()
    })
}

/// Makes `logs` those of this thread until the value is dropped.
pub(super) struct Running {
    logs: Logs,
    _of_this_thread: std::marker::PhantomData<*const ()>,
}

impl Running {
    #[track_caller]
    pub(super) fn start(logs: &Logs) -> Self {
        install();
        RUNNING.with_borrow_mut(|running| running.push(logs.clone()));
        Self {
            logs: logs.clone(),
            _of_this_thread: std::marker::PhantomData,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = RUNNING.try_with(|running| {
            let mut running = running.borrow_mut();
            if let Some(at) = running.iter().rposition(|logs| logs.is(&self.logs)) {
                running.remove(at);
            }
        });
    }
}

/// Ensures that the subscriber of this thread has the layer.
#[track_caller]
fn install() {
    let subscriber = tracing_subscriber::registry().with(layer());
    // Fails if there already is a subscriber: the one from an earlier test, or another one, which needs the layer.
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        // Threads without a subscriber may have cached that an event is disabled.
        tracing_core::callsite::rebuild_interest_cache();
    }
    let is_there = tracing::dispatcher::get_default(|current| {
        current.downcast_ref::<CaptureLayer>().is_some()
    });
    assert!(
        is_there,
        "the subscriber of this thread does not capture lines: add `propagate_context::testing::layer()` to it"
    );
}

/// Collects the fields of an event.
struct Fields<'a>(&'a mut Line);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: String) {
        if field.name() == "message" {
            self.0.message = value;
        } else {
            self.0.fields.push((field.name().to_owned(), value));
        }
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }
}
