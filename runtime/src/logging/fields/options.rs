//! What a program chooses about its lines.

use std::borrow::Cow;
#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicU32, Ordering};

use crate::logging::visit::{visit, visit_others, visit_variables};
use crate::var::Variable;
use crate::var::shown::Shown;

/// The choices that every integration has.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineOptions {
    /// Names of variables, each with what is shown where it is not set.
    placeholders: Vec<(&'static str, Cow<'static, str>)>,
    /// Names that a variable does not get on a line.
    pub(crate) reserved: Vec<&'static str>,
    /// Differs from that of other options where `reserved` may differ.
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

    /// Calls `f` with all that is on a line by itself.
    pub(crate) fn visit(&self, f: &mut dyn FnMut(&str, Shown<'_>)) {
        if self.placeholders.is_empty() {
            return visit(f);
        }
        let mut unset: Vec<_> = self.placeholders.iter().collect();
        visit_variables(&mut |name, shown| {
            unset.retain(|(unset, _)| *unset != name);
            f(name, shown);
        });
        // In front of everything else, which must not get the name of a variable.
        for (name, text) in unset {
            f(name, Shown::of(text, text));
        }
        visit_others(f);
    }
}

/// The method of a builder that adds a placeholder to its `options`.
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
