//@ wrong
use std::rc::Rc;

#[propagate_context]
pub async fn f() {
    let rc = Rc::new(1);
    crate::support::suspend().await;
    println!("{}", rc);
}

pub fn g() {
    tokio::spawn(f());
}
