//@ wrong
#[propagate_context]
pub fn f() -> u32 {
    let _ = 1;
}
