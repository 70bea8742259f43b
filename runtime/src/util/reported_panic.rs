//! Whether the panic hook has reported a panic, so that it is not reported again.

use std::cell::Cell;

thread_local! {
    /// Whether the panic hook has logged the latest panic of this thread.
    pub(crate) static REPORTED: Cell<bool> = const { Cell::new(false) };
}
