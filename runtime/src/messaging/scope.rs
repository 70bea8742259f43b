//! The scope in which a message is handled.

use crate::context::current;
use crate::context::current::Scope;
use crate::context::frame::Frame;
use crate::context::snapshot::Context;
use crate::var::Variable;

/// The values of `context`, and those of the current scope that are to be kept: nothing else, nor the ambient state of
/// other libraries.
pub(super) fn message_scope(context: &Context, keeping: &[&'static dyn Variable]) -> Scope {
    let mut scope = context.frame().cloned().or_else(Frame::empty);
    for variable in keeping {
        let index = variable.index();
        let value = current::inspect(|current| current?.table.get(index).cloned());
        let (extended, _covered) = Frame::extend(scope, index, value, variable.is_task_only());
        scope = Some(extended);
    }
    #[cfg(all(feature = "testing", feature = "request-id"))]
    {
        let inherit = crate::context::test_support::inherit_capture;
        let (kept, ()) = Frame::new_under(scope, inherit);
        scope = Some(kept);
    }
    scope
}
