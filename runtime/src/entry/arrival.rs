//! How a request arrives at an entry: in the scope that is open for it, or in a new one.

use std::sync::Arc;

#[cfg(feature = "http")]
use super::EchoedHeader;
use super::source::CarrierView;
use super::target::CurrentScope;
use super::{Entry, MakeId, MissingValue};
use crate::context::current;
use crate::context::frame::Frame;
use crate::context::guard::Guard;
use crate::context::request_tag::RequestTag;
use crate::context::snapshot::Context;
use crate::propagation::carrier::Carrier;

/// What a carrier tells of the entries that its request has met.
#[derive(Clone, Copy, Debug)]
pub enum FoundTag {
    /// It is no request, or what is at hand is a part without extensions: the scope that runs has to tell.
    Unknown,
    /// None yet, whatever scope runs: a request that is made in the scope of another one is not that other.
    #[cfg(feature = "http")]
    None,
    /// This one, first.
    #[cfg(feature = "http")]
    One(RequestTag),
}

#[cfg(feature = "http")]
impl FoundTag {
    /// What stands in the extensions of a request.
    pub(crate) fn of(mark: Option<&RequestTag>) -> Self {
        mark.copied().map_or(Self::None, Self::One)
    }
}

pub(crate) struct OpenedScope {
    /// The scope that was opened; `None` where the one that runs is that of the request.
    pub(crate) scope: Option<Arc<Frame>>,
    pub(crate) missing: Option<MissingValue>,
    /// What entries further in are to find in the request, where they would not find it now.
    #[cfg_attr(
        not(any(feature = "actix-web", feature = "tower")),
        expect(dead_code, reason = "only layers pass a request on")
    )]
    pub(crate) mark: Option<RequestTag>,
    /// The first value that came in a header and is answered with.
    #[cfg(feature = "http")]
    #[cfg_attr(
        not(feature = "tower"),
        expect(dead_code, reason = "other layers have headers of another type")
    )]
    pub(crate) brought: Option<EchoedHeader>,
}

impl OpenedScope {
    /// What was taken, for somebody else to open a scope with.
    pub(crate) fn into_context(self) -> Context {
        self.scope.as_ref().map_or_else(Context::empty, Context::of)
    }
}

impl Entry {
    /// Joins the scope that an entry further out opened for this very request, or opens one. Whom one of the two does
    /// not trust, neither reads.
    pub(crate) fn open_or_join(
        &self,
        carrier: &dyn Carrier,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let (source, met) = CarrierView::of(carrier);
        let here = mark_of_current();
        let before = match met {
            FoundTag::Unknown => here,
            #[cfg(feature = "http")]
            FoundTag::None => None,
            #[cfg(feature = "http")]
            FoundTag::One(mark) => Some(mark),
        };
        let trusted = trusted && self.trust && before.is_none_or(RequestTag::is_trusted);
        let source = if trusted {
            source
        } else {
            CarrierView::Nothing
        };
        match before {
            Some(mark) if here.is_some_and(|here| here.is_of_the_request_of(mark)) => {
                self.join(source, mark, trusted, make_id)
            }
            _ => self.begin(source, trusted, make_id),
        }
    }

    /// A message or a job arrives: always in a scope of its own.
    pub(crate) fn open_message(
        &self,
        carrier: &dyn Carrier,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let source = if self.trust {
            CarrierView::of(carrier).0
        } else {
            CarrierView::Nothing
        };
        self.begin(source, self.trust, make_id)
    }

    /// Something arrives of which nothing is read: in a scope of its own, too.
    #[cfg(any(feature = "actix-web", feature = "tower"))]
    pub(crate) fn arrive_anew(&self) -> OpenedScope {
        self.begin(CarrierView::Nothing, false, None)
    }

    /// Opens a scope; on a missing variable too, since the refusal has an id as well.
    fn begin(
        &self,
        source: CarrierView<'_>,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let mark = RequestTag::new(trusted);
        let mut frame = Frame::entry(mark);
        #[cfg(feature = "testing")]
        crate::context::test_support::inherit_capture(&mut frame);
        let notes = self.read(source, make_id, &mut frame);
        let frame = Arc::new(frame);
        if notes.has_lines() {
            // In the new scope, so that the line has the id that the request got.
            let _guard = Guard::new(frame.clone());
            notes.report();
        }
        OpenedScope {
            scope: Some(frame),
            missing: notes.missing,
            mark: Some(mark),
            #[cfg(feature = "http")]
            brought: notes.brought,
        }
    }

    /// Adds to the scope that runs what the entry that opened it did not take.
    fn join(
        &self,
        source: CarrierView<'_>,
        mark: RequestTag,
        trusted: bool,
        make_id: Option<MakeId<'_>>,
    ) -> OpenedScope {
        let notes = self.read(source, make_id, &mut CurrentScope);
        notes.report();
        let changed = (mark.is_trusted() && !trusted).then(|| mark.distrusted());
        if let Some(changed) = changed {
            current::update(|scope| {
                if let Some(frame) = scope {
                    Arc::make_mut(frame).set_tag(changed);
                }
            });
        }
        OpenedScope {
            scope: None,
            missing: notes.missing,
            mark: changed,
            #[cfg(feature = "http")]
            brought: notes.brought,
        }
    }
}

/// The request that the scope that runs belongs to.
pub(crate) fn mark_of_current() -> Option<RequestTag> {
    current::inspect(|scope| scope?.tag())
}
