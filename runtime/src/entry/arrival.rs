//! Opens the scope of a request or a message, or joins the one that is already open for it.

use triomphe::UniqueArc;

use super::notes::EchoedHeader;
use super::policy::{Entry, MakeId};
use super::source::CarrierView;
use super::target::CurrentScope;
use super::{MissingValue, notes};
use crate::context::current::{self, Scope};
use crate::context::frame::{Frame, SharedFrame};
use crate::context::guard::Guard;
use crate::context::request_tag::{FoundTag, Handled, RequestTag};
use crate::context::snapshot::Context;
use crate::propagation::carrier::Carrier;
use crate::propagation::traceparent::TRACEPARENT;
use crate::var::Variable as _;

pub(crate) struct OpenedScope {
    /// The scope that was opened; `None` if the current scope already belongs to the request.
    pub(crate) scope: Scope,
    pub(crate) missing: Option<MissingValue>,
    /// The tag to store in the request for inner entries; `None` if the request's tag does not change.
    pub(crate) tag: Option<RequestTag>,
    /// The header that the request id was read from, if the response echoes it.
    pub(crate) echoed: Option<EchoedHeader>,
    /// The value of the request header that `keep_as` names.
    pub(crate) kept: Option<Box<http::HeaderValue>>,
    /// Whether the carrier was read.
    pub(crate) trusted: bool,
    /// Whether the entry that opened the current scope sets every response header that this entry would set.
    pub(super) is_echoed: bool,
}

/// The kind of entry that opens a scope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opener {
    /// A layer or a middleware: every response of the scope passes through it.
    Server,
    /// A single function. Its response may never be sent to the client.
    Function,
}

impl OpenedScope {
    /// Returns the extracted values as a context.
    pub(crate) fn into_context(self) -> Context {
        self.scope.as_ref().map_or_else(Context::empty, Context::of)
    }

    fn new(
        scope: Scope,
        tag: Option<RequestTag>,
        trusted: bool,
        notes: notes::ExtractionNotes,
    ) -> Self {
        Self {
            scope,
            missing: notes.missing,
            tag,
            echoed: notes.echoed,
            kept: notes.kept,
            trusted,
            is_echoed: false,
        }
    }
}

impl Entry {
    /// Extracts a context from `carrier`.
    ///
    /// # Errors
    ///
    /// Returns [`MissingValue`] if the carrier has no valid value for a [`required`](super::Inbound::required)
    /// variable.
    ///
    /// # Example
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::entry::Entry;
    ///
    /// let message = HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())]);
    /// let context = Entry::new().open(&message)?;
    /// assert_eq!(context.get(&REQUEST_ID).unwrap().as_str(), "order-7");
    /// # Ok::<(), propagate_context::entry::MissingValue>(())
    /// ```
    pub fn open(&self, carrier: &(impl Carrier + ?Sized)) -> Result<Context, MissingValue> {
        let mut opened = self.open_message(&carrier, None);
        match opened.missing.take() {
            Some(missing) => Err(missing),
            None => Ok(opened.into_context()),
        }
    }

    /// Joins the scope that an outer entry opened for the same request, or opens a new scope. The carrier is read only
    /// if both this entry and the outer one trust the request.
    pub(crate) fn open_or_join(
        &self,
        carrier: &dyn Carrier,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
        opener: Opener,
    ) -> OpenedScope {
        let (source, found_tag) = CarrierView::of(carrier);
        let current = current::inspect(tag_of);
        let outer = match found_tag {
            FoundTag::Unknown => current,
            FoundTag::None => None,
            FoundTag::One(tag) => Some(tag),
        };
        let trusted = trusted && self.trusts(carrier) && outer.is_none_or(RequestTag::is_trusted);
        match (outer, current) {
            (Some(tag), Some(current)) if current.is_same_request(tag) => {
                let trace = self.trace && !current.handled().includes(Handled::TRACE);
                let notes = self.read(source, trusted, trace, make_id, &mut CurrentScope);
                let mut joined = join_current(tag, trusted, notes);
                joined.is_echoed = current.handled().includes(self.echoes);
                joined
            }
            _ => self.begin(self.new_tag(trusted, opener), Frame::entry, source, make_id),
        }
    }

    /// Returns `Some` if the current scope was opened for the same request and already has every value that this entry
    /// would extract. Nothing is read in this case, and the result is whether the entry that opened the scope also sets
    /// all of this entry's response headers.
    #[inline]
    pub(super) fn joins_complete_scope(&self, found_tag: FoundTag) -> Option<bool> {
        // An entry that does not trust a request that the outer entry trusted changes the tag.
        if !self.trusts_all() {
            return None;
        }
        let trace = self.trace.then(|| TRACEPARENT.index());
        current::inspect(|scope| self.compare(scope?, found_tag, trace))
    }

    fn compare(&self, scope: &Frame, found_tag: FoundTag, trace: Option<u32>) -> Option<bool> {
        let tag = scope.tag()?;
        let is_same = match found_tag {
            FoundTag::Unknown => true,
            FoundTag::None => false,
            FoundTag::One(found) => found.is_same_request(tag),
        };
        let has = |index| scope.table.get(index).is_some();
        let has_trace =
            || trace.is_none_or(|trace| tag.handled().includes(Handled::TRACE) || has(trace));
        let is_complete = is_same && has_trace() && self.fields().all(|field| has(field.index));
        is_complete.then(|| tag.handled().includes(self.echoes))
    }

    fn new_tag(&self, trusted: bool, opener: Opener) -> RequestTag {
        let mut handled = Handled::default();
        if self.trace {
            handled = handled.and(Handled::TRACE);
        }
        if opener == Opener::Server {
            handled = handled.and(self.echoes);
        }
        RequestTag::new(trusted, handled)
    }

    /// Opens the scope of a message or a job. It is always a new scope, which keeps only the variables of the current
    /// scope that [`keeping`](Self::keeping) names.
    pub(crate) fn open_message(
        &self,
        carrier: &dyn Carrier,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let source = CarrierView::of(carrier).0;
        let begin = |tag| {
            let mut frame = Frame::entry(tag);
            self.keep_current(&mut frame);
            frame
        };
        let tag = self.new_tag(self.trusts(carrier), Opener::Function);
        self.begin(tag, begin, source, make_id)
    }

    /// Opens a scope for a request without reading anything from it.
    #[cfg(any(feature = "actix-web", feature = "tower"))]
    pub(crate) fn open_unread(&self) -> OpenedScope {
        let tag = self.new_tag(false, Opener::Function);
        self.begin(tag, Frame::entry, CarrierView::Nothing, None)
    }

    /// Opens a scope, even if a required variable is missing, since the rejected request also has an id.
    fn begin(
        &self,
        tag: RequestTag,
        frame: impl FnOnce(RequestTag) -> UniqueArc<Frame>,
        source: CarrierView<'_>,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let trusted = tag.is_trusted();
        let mut frame = frame(tag);
        #[cfg(feature = "testing")]
        crate::context::test_support::inherit_capture(&mut frame);
        let notes = self.read(source, trusted, self.trace, make_id, &mut *frame);
        let frame = frame.shareable();
        if notes.has_lines() {
            // Report in the new scope, so that the log lines have the id of the request.
            let _guard = Guard::new(frame.clone());
            notes.report();
        }
        OpenedScope::new(Some(frame), Some(tag), trusted, notes)
    }

    /// Copies the variables that the scope of a message keeps from the current scope.
    fn keep_current(&self, frame: &mut Frame) {
        if self.keeping.is_empty() {
            return;
        }
        current::inspect(|current| {
            let Some(current) = current else { return };
            for variable in &self.keeping {
                if let Some(value) = current.table.get(variable.index()) {
                    frame.add(variable.index(), value.clone());
                }
            }
        });
    }
}

/// Joins the current scope, to which this entry has added the values that the outer entry did not extract.
fn join_current(tag: RequestTag, trusted: bool, notes: notes::ExtractionNotes) -> OpenedScope {
    notes.report();
    let changed = (tag.is_trusted() && !trusted).then(|| tag.distrusted());
    if let Some(changed) = changed {
        current::update(|scope| {
            if let Some(frame) = scope {
                Frame::set_tag(frame, changed);
            }
        });
    }
    OpenedScope::new(None, changed, trusted, notes)
}

/// Returns the tag of the request that a scope belongs to.
fn tag_of(scope: Option<&SharedFrame>) -> Option<RequestTag> {
    scope?.tag()
}
