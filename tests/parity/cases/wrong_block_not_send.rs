//@ wrong
use std::rc::Rc;

#[propagate_context]
pub async fn f() {
    let rc = Rc::new(1);
    tokio::spawn(async move {
        println!("{}", rc);
    });
}
