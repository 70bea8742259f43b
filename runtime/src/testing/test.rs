//! `Test`: runs code with values, and keeps its lines.

use std::fmt;
use std::sync::Arc;

use super::layer::Running;
use super::logs::Logs;
use crate::context::snapshot::Context;
use crate::context::test_support::{CAPTURE, be_strict};
use crate::var::ContextVar;

/// Runs the code of a test in a scope of its own, with values, and keeps its log lines; see the [module](super).
#[derive(Clone)]
#[must_use = "a test does nothing until it is run"]
pub struct Test {
    context: Context,
}

/// What a test has returned, and what it has logged.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished<R> {
    /// What the code has returned.
    pub result: R,
    /// Its log lines. What is still running and inherits the test's context adds to them.
    pub logs: Logs,
}

impl Default for Test {
    fn default() -> Self {
        Self::new()
    }
}

impl Test {
    /// A test whose scope has no values.
    pub fn new() -> Self {
        Self {
            context: Context::empty(),
        }
    }

    /// A value for the length of the test.
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
        }
    }

    /// Reads outside of every scope panic, as with [`strict`](super::strict): in the whole process.
    ///
    /// ```
    /// use propagate_context::testing::Test;
    ///
    /// let test = Test::new().strict();
    /// # drop(test);
    /// ```
    pub fn strict(self) -> Self {
        be_strict();
        self
    }

    /// Runs `future`, on this thread: so the future of this call is not `Send`, as that of a test need not be.
    ///
    /// # Panics
    ///
    /// Where the thread has a subscriber without our [`layer`](super::layer).
    pub async fn run<F: Future>(self, future: F) -> Finished<F::Output> {
        let logs = Logs::default();
        let _running = Running::start(&logs);
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
    /// Where the thread has a subscriber without our [`layer`](super::layer).
    pub fn run_sync<R>(self, f: impl FnOnce() -> R) -> Finished<R> {
        let logs = Logs::default();
        let _running = Running::start(&logs);
        let result = self.context(&logs).sync_scope(f);
        Finished { result, logs }
    }

    fn context(self, logs: &Logs) -> Context {
        self.context.with(&CAPTURE, Arc::new(logs.clone()))
    }
}

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Test").field(&self.context).finish()
    }
}
