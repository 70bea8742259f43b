//@ wrong
//@ lost E0277: said once, at the type, and not at the body again
use std::fmt::Display;

#[propagate_context]
pub async fn f() -> impl Display {
    vec![1]
}
