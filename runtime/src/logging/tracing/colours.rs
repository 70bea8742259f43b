//! A buffer whose writer has colours.

use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use tracing_core::callsite::{Callsite, Identifier};
use tracing_core::field::FieldSet;
use tracing_core::span::Attributes;
use tracing_core::subscriber::{Interest, Subscriber as _};
use tracing_core::{Kind, Level, Metadata};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FormatFields, FormattedFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

/// `tracing_subscriber` creates a [`Writer`] with colours only for its own buffers. One of those types is public: the
/// fields of a span, as kept by a formatter with colours.
pub(super) type ColouredBuffer = FormattedFields<NoFields>;

/// Lends an empty buffer whose writer has colours, or `None` if a change in `tracing_subscriber` makes that impossible.
pub(super) fn with_buffer<R>(f: impl FnOnce(Option<&mut ColouredBuffer>) -> R) -> R {
    static SPARE: Mutex<Vec<ColouredBuffer>> = Mutex::new(Vec::new());
    let lock = || SPARE.lock().unwrap_or_else(PoisonError::into_inner);
    let spare = lock().pop();
    let mut buffer = spare.or_else(new_buffer);
    let result = f(buffer.as_mut());
    if let Some(mut buffer) = buffer {
        buffer.fields.clear();
        lock().push(buffer);
    }
    result
}

#[cold]
fn new_buffer() -> Option<ColouredBuffer> {
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(true)
        .fmt_fields(NoFields);
    let subscriber = tracing_subscriber::registry().with(layer);
    let values = METADATA.fields().value_set(&[]);
    let id = subscriber.new_span(&Attributes::new_root(&METADATA, &values));
    let span = subscriber.span(&id)?;
    let mut buffer = span.extensions_mut().remove::<ColouredBuffer>()?;
    buffer.as_writer().has_ansi_escapes().then_some(buffer)
}

/// Writes no fields.
#[derive(Debug)]
pub(super) struct NoFields;

impl<'writer> FormatFields<'writer> for NoFields {
    fn format_fields<R: RecordFields>(&self, _: Writer<'writer>, _: R) -> fmt::Result {
        Ok(())
    }
}

static CALLSITE: NoCallsite = NoCallsite;
static METADATA: LazyLock<Metadata<'static>> = LazyLock::new(|| {
    let fields = FieldSet::new(&[], Identifier(&CALLSITE));
    Metadata::new(
        "line",
        "propagate_context",
        Level::ERROR,
        None,
        None,
        None,
        fields,
        Kind::SPAN,
    )
});

/// The call site of a span that no subscriber of the program sees.
struct NoCallsite;

impl Callsite for NoCallsite {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}
