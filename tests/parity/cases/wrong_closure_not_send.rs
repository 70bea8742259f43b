//@ wrong
use std::rc::Rc;

#[propagate_context]
pub fn f() {
    let rc = Rc::new(1);
    std::thread::spawn(move || println!("{}", rc));
}
