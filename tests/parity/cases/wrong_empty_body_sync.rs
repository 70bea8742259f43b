//@ wrong
#[propagate_context]
pub fn f() -> u32 {}
