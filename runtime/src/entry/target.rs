//! `ValueSink`: the scope that receives the extracted values.

use crate::context::current;
use crate::context::frame::Frame;
use crate::propagation::baggage::Baggage;
use crate::propagation::inject::PROPERTIES;
use crate::var::binding::Value;

pub(super) trait ValueSink {
    /// Whether the variable already has a value.
    fn has(&self, index: u32) -> bool;

    fn put(&mut self, value: Value);

    /// Returns the properties of baggage members that have already been kept.
    fn noted(&self) -> Baggage;
}

/// The scope that is being opened. No variable has a value yet.
impl ValueSink for Frame {
    #[inline]
    fn has(&self, _index: u32) -> bool {
        false
    }

    #[inline]
    fn put(&mut self, value: Value) {
        self.add(value.variable().index(), value);
    }

    fn noted(&self) -> Baggage {
        Baggage::new()
    }
}

/// The current scope, which an outer entry has opened.
pub(super) struct CurrentScope;

impl ValueSink for CurrentScope {
    fn has(&self, index: u32) -> bool {
        current::inspect(|scope| scope.is_some_and(|frame| frame.table.get(index).is_some()))
    }

    fn put(&mut self, value: Value) {
        let (index, traits) = (value.variable().index(), value.traits());
        let _old = current::set(index, value, traits, &mut None);
    }

    fn noted(&self) -> Baggage {
        PROPERTIES.get().unwrap_or_default()
    }
}
