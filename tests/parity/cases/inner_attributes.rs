#[propagate_context]
pub async fn asynchronous() -> u8 {
    #![allow(unused_variables)]
    let unused = 1;
    2
}

#[propagate_context]
pub fn sync() -> u8 {
    #![allow(unused_variables, clippy::all)]
    #![allow(unused_mut)]
    let mut unused = 1;
    2
}
