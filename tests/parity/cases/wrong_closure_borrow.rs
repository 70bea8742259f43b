//@ wrong
#[propagate_context]
pub fn f() {
    let text = String::new();
    std::thread::spawn(|| println!("{}", text));
}
