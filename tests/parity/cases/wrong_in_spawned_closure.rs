//@ wrong
#[propagate_context]
pub fn f() {
    std::thread::spawn(move || {
        let n: u32 = "text";
        n
    });
}
