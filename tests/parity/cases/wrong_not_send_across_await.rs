//@ wrong
use std::rc::Rc;

#[propagate_context]
pub async fn f() {
    tokio::spawn(async {
        let rc = Rc::new(1);
        crate::support::suspend().await;
        println!("{}", rc);
    });
}
