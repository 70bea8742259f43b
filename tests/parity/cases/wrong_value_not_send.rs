//@ wrong
use std::rc::Rc;

async fn job(rc: Rc<u32>) {
    crate::support::suspend().await;
    println!("{}", rc);
}

#[propagate_context]
pub async fn f(set: &mut tokio::task::JoinSet<()>) {
    set.spawn(job(Rc::new(1)));
}
