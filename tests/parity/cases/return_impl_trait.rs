use std::fmt::{Debug, Display};

#[propagate_context]
pub async fn simple() -> impl Display {
    1
}

#[propagate_context]
pub async fn in_result(ok: bool) -> Result<impl Debug, String> {
    if !ok {
        return Err("wrong".to_owned());
    }
    Ok(vec![1])
}

#[propagate_context]
pub async fn nested() -> impl Iterator<Item = impl Display> {
    vec![1, 2].into_iter()
}

#[propagate_context]
pub async fn in_trait_object() -> Box<dyn Iterator<Item = impl Display>> {
    Box::new(vec![1, 2].into_iter())
}

#[propagate_context]
pub async fn captures(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
}

#[propagate_context]
pub async fn pair(n: u32) -> (impl Display, Option<impl Debug>) {
    (n, Some(n))
}

#[propagate_context]
pub fn sync(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().rev()
}

pub fn run() {
    use crate::support::{block_on, log};
    log(block_on(simple()).to_string());
    log(format!("{:?} {:?}", block_on(in_result(true)), block_on(in_result(false)).is_err()));
    log(block_on(nested()).map(|n| n.to_string()).collect::<String>());
    log(block_on(in_trait_object()).map(|n| n.to_string()).collect::<String>());
    log(block_on(captures("abc")).chain(sync("abc")).collect::<String>());
    let (a, b) = block_on(pair(1));
    log(format!("{a}{b:?}"));
}
