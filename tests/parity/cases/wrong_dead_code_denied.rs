//@ wrong
#![deny(dead_code)]

#[propagate_context]
async fn f() {}

#[propagate_context]
fn g() {}
