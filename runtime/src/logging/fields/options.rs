//! What a program chooses about its lines.

use std::borrow::Cow;
use std::fmt::Display;

use crate::logging::visit::visit;
use crate::var::Variable;
use crate::var::value_kind::ValueKind;

/// The choices that every integration has.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineOptions {
    /// Names of variables, each with what is shown where it is not set.
    placeholders: Vec<(&'static str, Cow<'static, str>)>,
    /// Names that a variable does not get on a line.
    pub(crate) reserved: Vec<&'static str>,
}

impl LineOptions {
    pub(crate) fn add_placeholder(
        &mut self,
        variable: &'static dyn Variable,
        text: Cow<'static, str>,
    ) {
        self.placeholders.push((variable.name(), text));
    }

    /// Calls `f` with all that is on a line by itself.
    pub(crate) fn visit(&self, f: &mut dyn FnMut(&str, &dyn Display, ValueKind)) {
        if self.placeholders.is_empty() {
            return visit(f);
        }
        let mut unset: Vec<_> = self.placeholders.iter().collect();
        visit(&mut |name, value, kind| {
            unset.retain(|(unset, _)| *unset != name);
            f(name, value, kind);
        });
        for (name, text) in unset {
            f(name, text, ValueKind::Text);
        }
    }
}
