//! The options of an integration for its lines.

use std::borrow::Cow;
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicU32, Ordering};

use crate::logging::visit::{visit, visit_others, visit_variables};
use crate::var::Variable;
use crate::var::shown::Shown;

/// The options that all integrations have.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineOptions {
    /// The names of variables, each with the text that is shown if it is not set.
    placeholders: Vec<(&'static str, Cow<'static, str>)>,
    /// Names that are not used for variables on a line.
    pub(crate) reserved: Vec<&'static str>,
    /// Differs between options whose `reserved` may differ.
    pub(crate) reserved_id: u32,
}

impl LineOptions {
    pub(crate) fn add_placeholder(
        &mut self,
        variable: &'static dyn Variable,
        text: Cow<'static, str>,
    ) {
        self.placeholders.push((variable.name(), text));
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn reserve(&mut self, names: &[&'static str]) {
        static LAST: AtomicU32 = AtomicU32::new(0);
        self.reserved.extend(names);
        self.reserved_id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    }

    /// Calls `f` with everything that is added to a line.
    pub(crate) fn visit(&self, f: &mut dyn FnMut(&str, Shown<'_>)) {
        if self.placeholders.is_empty() {
            return visit(f);
        }
        let mut unset: Vec<_> = self.placeholders.iter().collect();
        visit_variables(&mut |name, shown| {
            unset.retain(|(unset, _)| *unset != name);
            f(name, shown);
        });
        // Before the others, which must not get the name of a variable.
        for (name, text) in unset {
            f(name, Shown::of(text, text));
        }
        visit_others(f);
    }
}

/// The builder method that adds a placeholder to its `options`.
macro_rules! placeholder_method {
    ($(#[$doc:meta])*) => {
        $(#[$doc])*
        #[must_use]
        pub fn placeholder(
            mut self,
            variable: &'static dyn $crate::Variable,
            text: impl Into<::std::borrow::Cow<'static, str>>,
        ) -> Self {
            self.options.add_placeholder(variable, text.into());
            self
        }
    };
}

pub(crate) use placeholder_method;
