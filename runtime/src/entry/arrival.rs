//! How a request or a message arrives at an entry: in the scope that is open for it, or in a new one.

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
    /// The scope that was opened; `None` where the current one is that of the request.
    pub(crate) scope: Scope,
    pub(crate) missing: Option<MissingValue>,
    /// What inner entries are to find in the request, where they would not find it now.
    pub(crate) tag: Option<RequestTag>,
    /// The header that the request id was read from, where the response echoes it.
    pub(crate) echoed: Option<EchoedHeader>,
    /// What the request is to carry under the name that `keep_as` gave.
    pub(crate) kept: Option<Box<http::HeaderValue>>,
    /// Whether the carrier was read at all.
    pub(crate) trusted: bool,
    /// Whether the entry that opened the current scope sets every response header that this one would.
    pub(super) is_echoed: bool,
}

/// Who opens a scope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opener {
    /// A layer or a middleware: every response of the scope passes it.
    Server,
    /// One function. What becomes of its response is not known here.
    Function,
}

impl OpenedScope {
    /// The extracted values, as a context.
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
    /// The context that `carrier` holds.
    ///
    /// # Errors
    ///
    /// [`MissingValue`], if it has no valid value for a [`required`](super::Inbound::required) variable.
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

    /// Joins the scope that an outer entry opened for this very request, or opens one. Where one of the two does not
    /// trust the request, neither reads it.
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

    /// Whether the scope that runs was opened for this very request, and has all that this entry would extract. Then
    /// nothing is read, and the result says whether the entry that opened it sets all response headers of this one.
    #[inline]
    pub(super) fn joins_complete_scope(&self, found_tag: FoundTag) -> Option<bool> {
        // An entry that trusts less than the outer one changes its tag.
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

    /// A message or a job: always in a scope of its own, which has nothing of the current one but what
    /// [`keeping`](Self::keeping) names.
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

    /// A request of which nothing is read: in a scope of its own, too.
    #[cfg(any(feature = "actix-web", feature = "tower"))]
    pub(crate) fn open_unread(&self) -> OpenedScope {
        let tag = self.new_tag(false, Opener::Function);
        self.begin(tag, Frame::entry, CarrierView::Nothing, None)
    }

    /// Opens a scope; where a variable is missing too, since the rejection has an id as well.
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
            // In the new scope, so that the line has the id of the request.
            let _guard = Guard::new(frame.clone());
            notes.report();
        }
        OpenedScope::new(Some(frame), Some(tag), trusted, notes)
    }

    /// Copies the variables that a message's scope keeps of the current one.
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

/// Runs in the current scope, to which the entry has added what the one that opened it did not extract.
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

/// The request that a scope belongs to.
fn tag_of(scope: Option<&SharedFrame>) -> Option<RequestTag> {
    scope?.tag()
}
