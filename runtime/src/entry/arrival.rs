//! How a request or a message arrives at an entry: in the scope that is open for it, or in a new one.

use triomphe::Arc;

use super::notes::EchoedHeader;
use super::policy::{Entry, MakeId};
use super::source::CarrierView;
use super::target::CurrentScope;
use super::{MissingValue, notes};
use crate::context::current::{self, Scope};
use crate::context::frame::Frame;
use crate::context::guard::Guard;
use crate::context::request_tag::{FoundTag, RequestTag};
use crate::context::snapshot::Context;
use crate::propagation::carrier::Carrier;

pub(crate) struct OpenedScope {
    /// The scope that was opened; `None` where the current one is that of the request.
    pub(crate) scope: Scope,
    pub(crate) missing: Option<MissingValue>,
    /// What inner entries are to find in the request, where they would not find it now.
    pub(crate) tag: Option<RequestTag>,
    /// The first value that was read from a header and is echoed in the response.
    pub(crate) echoed: Option<EchoedHeader>,
    /// What the request is to carry under the name that `keep_as` gave.
    pub(crate) kept: Option<http::HeaderValue>,
    /// Whether the carrier was read at all.
    pub(crate) trusted: bool,
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
    ) -> OpenedScope {
        let (source, found_tag) = CarrierView::of(carrier);
        let current = tag_of_current();
        let outer = match found_tag {
            FoundTag::Unknown => current,
            FoundTag::None => None,
            FoundTag::One(tag) => Some(tag),
        };
        let trusted = trusted && self.trusts(carrier) && outer.is_none_or(RequestTag::is_trusted);
        match outer {
            Some(tag) if current.is_some_and(|current| current.is_same_request(tag)) => {
                self.join_current(source, tag, trusted, make_id)
            }
            _ => self.begin(Frame::entry, source, trusted, make_id),
        }
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
        self.begin(begin, source, self.trusts(carrier), make_id)
    }

    /// A request of which nothing is read: in a scope of its own, too.
    #[cfg(any(feature = "actix-web", feature = "tower"))]
    pub(crate) fn open_unread(&self) -> OpenedScope {
        self.begin(Frame::entry, CarrierView::Nothing, false, None)
    }

    /// Opens a scope; where a variable is missing too, since the rejection has an id as well.
    fn begin(
        &self,
        frame: impl FnOnce(RequestTag) -> Frame,
        source: CarrierView<'_>,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let tag = RequestTag::new(trusted);
        let mut frame = frame(tag);
        #[cfg(feature = "testing")]
        crate::context::test_support::inherit_capture(&mut frame);
        let notes = self.read(source, trusted, make_id, &mut frame);
        let frame = Arc::new(frame);
        if notes.has_lines() {
            // In the new scope, so that the line has the id of the request.
            let _guard = Guard::new(frame.clone());
            notes.report();
        }
        OpenedScope::new(Some(frame), Some(tag), trusted, notes)
    }

    /// Adds to the current scope what the entry that opened it did not extract.
    fn join_current(
        &self,
        source: CarrierView<'_>,
        tag: RequestTag,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let notes = self.read(source, trusted, make_id, &mut CurrentScope);
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

/// The request that the current scope belongs to.
pub(crate) fn tag_of_current() -> Option<RequestTag> {
    current::inspect(|scope| scope?.tag())
}
