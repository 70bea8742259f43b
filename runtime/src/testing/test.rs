//! `Test`: runs code with values, and captures its log lines.

use std::fmt;
use std::sync::Arc;

use super::layer::Running;
use super::logs::Logs;
use crate::context::snapshot::Context;
use crate::context::test_support::{CAPTURE, StrictHere};
use crate::var::ContextVar;

/// Runs the code of a test in a new scope with values, and captures its log lines; see the [module](super).
#[derive(Clone)]
#[must_use = "a test does nothing until it is run"]
pub struct Test {
    context: Context,
    is_strict: bool,
}

/// The result of a test, and its log lines.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished<R> {
    /// The value that the code returned.
    pub result: R,
    /// Its log lines. Tasks that are still running and inherit the test's context continue to add lines.
    pub logs: Logs,
}

impl Default for Test {
    fn default() -> Self {
        Self::new()
    }
}

impl Test {
    /// Creates a test whose scope has no values.
    pub fn new() -> Self {
        Self {
            context: Context::empty(),
            is_strict: false,
        }
    }

    /// Sets a value for the duration of the test.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// use propagate_context::testing::Test;
    ///
    /// # static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();
    /// # futures::executor::block_on(async {
    /// let test = Test::new().with(&TENANT, "acme").run(async { TENANT.get() }).await;
    /// assert_eq!(test.result, Some("acme"));
    /// # });
    /// ```
    pub fn with<T: Send + Sync + 'static>(
        self,
        variable: &'static ContextVar<T>,
        value: T,
    ) -> Self {
        Self {
            context: self.context.with(variable, value),
            ..self
        }
    }

    /// Makes reads of variables outside of every scope panic while this test runs, on the thread that runs it. Such a
    /// read shows that the context has been lost. Other tests are not affected.
    ///
    /// The tasks of a `#[tokio::test]` run on that thread, unless the test has several worker threads. Reads outside of
    /// every scope on other threads cannot be assigned to a test: use [`testing::strict`](super::strict) for those.
    ///
    /// ```should_panic
    /// # use propagate_context::ContextVar;
    /// use propagate_context::testing::Test;
    ///
    /// # static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let test = Test::new().with(&TENANT, "acme").strict().run(async {
    ///     tokio::spawn(async { TENANT.get() }).await // the spawned task has no context
    /// });
    /// test.await.result.unwrap(); // panics: `tenant` was read outside every scope
    /// # }
    /// ```
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Runs `future` on this thread. The returned future is therefore not `Send`, and the future of a test does not
    /// have to be.
    ///
    /// # Panics
    ///
    /// Panics if the thread has a subscriber without the [`layer`](super::layer).
    pub async fn run<F: Future>(self, future: F) -> Finished<F::Output> {
        let logs = Logs::default();
        let _running = Running::start(&logs);
        let _strict = self.is_strict.then(StrictHere::start);
        let result = self.context(&logs).scope(future).await;
        Finished { result, logs }
    }

    /// Runs `f`.
    ///
    /// ```
    /// use propagate_context::testing::Test;
    ///
    /// let finished = Test::new().run_sync(|| tracing::info!("placed"));
    /// assert_eq!(finished.logs.lines().len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the thread has a subscriber without the [`layer`](super::layer).
    pub fn run_sync<R>(self, f: impl FnOnce() -> R) -> Finished<R> {
        let logs = Logs::default();
        let _running = Running::start(&logs);
        let _strict = self.is_strict.then(StrictHere::start);
        let result = self.context(&logs).sync_scope(f);
        Finished { result, logs }
    }

    fn context(self, logs: &Logs) -> Context {
        self.context.with(&CAPTURE, Arc::new(logs.clone()))
    }
}

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Test")
            .field("context", &self.context)
            .field("is_strict", &self.is_strict)
            .finish()
    }
}
