use std::borrow::Cow;
use std::collections::HashMap;

#[propagate_context]
pub async fn elided(text: &str) -> &str {
    &text[1..]
}

#[propagate_context]
pub async fn named<'a, 'b: 'a>(left: &'a str, right: &'b str) -> &'a str {
    if left.is_empty() { right } else { left }
}

#[propagate_context]
pub async fn anonymous(text: &str, _: Cow<'_, str>) -> usize {
    text.len()
}

#[propagate_context]
pub async fn cow<'a>(text: &'a str, _other: &str) -> Cow<'a, str> {
    Cow::Borrowed(text)
}

#[propagate_context]
pub async fn unrelated(map: &mut HashMap<String, u32>, key: &str) -> Option<u32> {
    map.remove(key)
}

#[propagate_context]
pub async fn fixed(text: &'static str) -> &'static str {
    text
}

pub struct Parser<'a> {
    text: &'a str,
}

impl<'a> Parser<'a> {
    #[propagate_context]
    pub async fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.text.split_at(1);
        self.text = rest;
        Some(first)
    }

    #[propagate_context]
    pub async fn borrow(&self, other: &str) -> &str {
        if other.is_empty() { "" } else { self.text }
    }
}

pub fn run() {
    use crate::support::{block_on, log};
    let mut parser = Parser { text: "abc" };
    log(format!("{:?} {}", block_on(parser.next()), block_on(parser.borrow("x"))));
    log(format!("{} {}", block_on(elided("abc")), block_on(named("", "b"))));
    log(format!("{} {}", block_on(anonymous("abc", Cow::Borrowed(""))), block_on(cow("x", "y"))));
    log(format!("{:?} {}", block_on(unrelated(&mut HashMap::new(), "")), block_on(fixed("f"))));
}
