//! `Variable`: a variable of any type.

/// A variable of any type, for code that handles several of them: entries, carriers, log formatters.
///
/// Sealed: only [`ContextVar`](crate::ContextVar) implements it.
///
/// ```
/// use propagate_context::{ContextVar, Variable};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("X-Tenant");
///
/// let variable: &dyn Variable = &TENANT;
/// assert_eq!((variable.name(), variable.header_name()), ("tenant", Some("X-Tenant")));
/// ```
pub trait Variable: Sync + sealed::Sealed {
    /// Returns the name on log lines.
    fn name(&self) -> &'static str;
    /// Returns the header in which the value crosses processes, if one is declared.
    fn header_name(&self) -> Option<&'static str>;
    /// Returns the member of the `baggage` header in which the value crosses processes, if one is declared.
    fn baggage_key(&self) -> Option<&'static str>;
    #[doc(hidden)]
    fn index(&self) -> u32;
}

pub(super) mod sealed {
    #[expect(
        unnameable_types,
        reason = "so that other crates cannot implement `Variable`"
    )]
    pub trait Sealed {}
}
