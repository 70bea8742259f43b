//@ wrong
#[propagate_context]
pub fn f() {
    drop(__guard);
}
