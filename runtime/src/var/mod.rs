//! Variables: their declarations, their policies, and values bound to them. Independent of scopes.

pub(crate) mod binding;
pub(crate) mod declaration;
pub(crate) mod default;
pub(crate) mod error;
pub(crate) mod index;
pub(crate) mod shown;
pub(crate) mod traits;
pub(crate) mod value_kind;
pub(crate) mod variable;
pub(crate) mod write_id;

pub use self::declaration::ContextVar;
pub use self::error::NoScope;
pub use self::variable::Variable;
