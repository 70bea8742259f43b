//@ wrong
#[propagate_context]
pub fn f() {
    std::thread::spawn(5);
}
