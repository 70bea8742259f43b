use std::fmt::Display;

#[propagate_context]
pub async fn tail() -> Box<dyn Display> {
    Box::new(1)
}

#[propagate_context]
pub async fn early(flag: bool) -> Box<dyn Display + Send> {
    if flag {
        return Box::new("early");
    }
    Box::new(1)
}

#[propagate_context]
pub async fn list() -> Vec<Box<dyn Fn(u8) -> u8>> {
    vec![Box::new(|n| n + 1), Box::new(|n| n + 2)]
}

#[propagate_context]
pub async fn reference() -> &'static dyn Display {
    &1
}

#[propagate_context]
pub async fn pointer() -> fn(u8) -> u8 {
    |n| n + 1
}

#[propagate_context]
pub async fn slice() -> &'static [u8] {
    &[1, 2]
}

#[propagate_context]
pub fn sync(flag: bool) -> Box<dyn Display> {
    if flag {
        return Box::new("early");
    }
    Box::new(1)
}

#[propagate_context]
pub async fn inferred() -> Vec<u8> {
    let mut list = Vec::new();
    list.extend([1, 2].iter().copied());
    list.into_iter().collect()
}

#[propagate_context]
pub async fn parsed(text: &str) -> Result<u8, std::num::ParseIntError> {
    let n = text.parse()?;
    Ok(n)
}

#[propagate_context]
pub async fn default() -> (u8, Option<String>) {
    Default::default()
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {} {}", block_on(tail()), block_on(early(true)), block_on(early(false))));
    log(format!("{} {}", block_on(list())[1](1), block_on(reference())));
    log(format!("{} {:?} {}", block_on(pointer())(1), block_on(slice()), sync(true)));
    log(format!("{:?} {:?} {:?}", block_on(inferred()), block_on(parsed("x")), block_on(default())));
}
