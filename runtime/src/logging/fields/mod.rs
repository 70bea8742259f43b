//! The logged variables of a line: each under a unique name, with a value rendered so that neither its text nor its
//! `Display` can break the line.
//!
//! Shared by the integrations with `tracing` and with `log`. `fields.md` documents the common behaviour.

pub(crate) mod escape;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod render;
pub(crate) mod value;

pub(crate) use self::escape::Syntax;
pub(crate) use self::names::{Names, of_event};
pub(crate) use self::options::{LineOptions, placeholder_method};
pub(crate) use self::render::Buffers;
pub use self::value::{LoggedValue, visit_logged_values};
