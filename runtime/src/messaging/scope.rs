//! The scope in which a message is handled.

use crate::context::current;
use crate::context::current::Scope;
use crate::context::frame::Frame;
use crate::context::snapshot::Context;
use crate::var::Variable;
use crate::var::traits::Traits;

/// Returns a scope with the values of `context` and those of the current scope that are to be kept. It has no other
/// values, and no ambient state of other libraries.
pub(super) fn message_scope(context: &Context, keeping: &[&'static dyn Variable]) -> Scope {
    let mut scope = context.frame().cloned().or_else(Frame::empty);
    for variable in keeping {
        let index = variable.index();
        let value = current::inspect(|current| current?.table.get(index).cloned());
        let traits = value
            .as_ref()
            .map_or_else(Traits::default, |value| value.traits());
        scope = Some(Frame::over(scope.as_deref(), index, value, traits));
    }
    #[cfg(all(feature = "testing", feature = "request-id"))]
    {
        let mut kept = Frame::copy_of(scope.as_deref());
        crate::context::test_support::inherit_capture(&mut kept);
        scope = Some(kept.shareable());
    }
    scope
}
