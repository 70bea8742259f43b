//@ wrong
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

#[propagate_context]
pub fn f() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    let rc = Rc::new(1);
    Box::pin(async move { *rc })
}
