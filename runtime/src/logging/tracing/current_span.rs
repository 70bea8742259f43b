//! `CurrentSpan`: the current span as ambient state.

use tracing::Span;
use tracing::span::EnteredSpan;

use crate::context::ambient::Ambient;

/// The current `tracing` span, for [`ambient::register`](crate::ambient::register): everything spawned in annotated
/// code, in the whole program, runs in the span of its spawner.
///
/// `#[propagate_context(span)]` does the same for a single function. A span that is propagated closes when its last
/// child has ended.
///
/// ```
/// use propagate_context::{Context, ambient, tracing::CurrentSpan};
///
/// # tracing_subscriber::fmt().with_test_writer().init();
/// ambient::register(CurrentSpan);
///
/// let span = tracing::info_span!("checkout");
/// let job = span.in_scope(|| Context::current().wrap(|| tracing::Span::current().id()));
/// assert_eq!(std::thread::spawn(job).join().unwrap(), span.id());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CurrentSpan;

impl Ambient for CurrentSpan {
    type Saved = Span;
    /// `None` if the span is already current.
    type Entered = Option<EnteredSpan>;

    fn capture(&self) -> Option<Span> {
        Some(Span::current()).filter(|span| !span.is_none())
    }

    fn enter(&self, saved: &Span) -> Option<EnteredSpan> {
        (Span::current() != *saved).then(|| saved.clone().entered())
    }
}
