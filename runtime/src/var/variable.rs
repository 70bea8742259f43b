//! `Variable`: a variable whatever its type.

use crate::context::snapshot::Context;
use crate::util::display::text_of;
use crate::var::ContextVar;
use crate::var::error::ParseError;

/// A variable whatever its type, for code that treats several alike: entries, carriers, log formatters.
///
/// Implemented by [`ContextVar`] alone.
pub trait Variable: Sync + sealed::Sealed {
    /// The name on log lines.
    fn name(&self) -> &'static str;
    /// The header that the value crosses processes in, if its declaration names one.
    fn header_name(&self) -> Option<&'static str>;
    /// The member of the `baggage` header that the value crosses processes in, if its declaration names one.
    fn baggage_key(&self) -> Option<&'static str>;
    /// `context` with the value that `text`, which came from outside, stands for.
    ///
    /// # Errors
    ///
    /// Where `text` is no value of this variable, or its declaration names neither header nor baggage key.
    fn read_into(&'static self, context: Context, text: &str) -> Result<Context, ParseError>;
    /// The value in `context` as it crosses processes: `None` where it is not set, its `Display` fails, or its
    /// declaration names neither header nor baggage key.
    fn write_from(&self, context: &Context) -> Option<String>;
    #[doc(hidden)]
    fn number(&self) -> u32;
    #[doc(hidden)]
    fn is_task_only(&self) -> bool;
}

mod sealed {
    #[expect(unnameable_types, reason = "so that nobody else implements `Variable`")]
    pub trait Sealed {}
    impl<T: Send + Sync + 'static> Sealed for crate::var::ContextVar<T> {}
}

impl<T: Send + Sync + 'static> Variable for ContextVar<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn header_name(&self) -> Option<&'static str> {
        self.header
    }

    fn baggage_key(&self) -> Option<&'static str> {
        self.baggage
    }

    fn read_into(&'static self, context: Context, text: &str) -> Result<Context, ParseError> {
        match self.wire.as_ref().and_then(|wire| (wire.parse)(text)) {
            Some(value) => Ok(context.with(self, value)),
            None => Err(ParseError::new(self.name, text.len())),
        }
    }

    fn write_from(&self, context: &Context) -> Option<String> {
        let value = context.value(self.number_if_any()?)?;
        value.sent().and_then(text_of)
    }

    fn number(&self) -> u32 {
        self.number_or_new()
    }

    fn is_task_only(&self) -> bool {
        self.task_only
    }
}
