//@ moved clippy::needless_lifetimes: it proposes a replacement, as for any function that is not async
#[propagate_context]
pub async fn needless<'a>(text: &'a str) -> &'a str {
    text
}

#[propagate_context]
pub async fn needless_of_two<'a, 'b>(text: &'a str, _other: &'b str) -> Option<&'a str> {
    Some(text)
}

#[propagate_context]
pub async fn needed_in_function<'a>(text: &'a str) -> Box<dyn Fn() -> &'a str + 'a> {
    Box::new(move || text)
}

#[propagate_context]
pub async fn needed<'a>(text: &'a str, _other: &str) -> &'a str {
    text
}

#[propagate_context]
pub fn needless_sync<'a>(text: &'a str) -> &'a str {
    text
}

#[propagate_context]
pub async fn converts(text: String) -> String {
    text.into()
}

#[propagate_context]
pub fn converts_sync(text: String) -> String {
    String::from(text)
}

#[propagate_context]
pub async fn by_ref(ref n: u32) -> u32 {
    *n
}

#[propagate_context]
pub async fn by_mutable_ref(ref mut n: u32, (ref m, _): (u32, u32)) -> u32 {
    *n += m;
    *n
}

pub struct Closes(u32);

impl Drop for Closes {
    fn drop(&mut self) {
        crate::support::log(format!("{}", self.0));
    }
}

#[propagate_context]
pub async fn assigned(mut closes: Closes) {
    closes.0 = 3;
}

pub fn run() {
    crate::support::block_on(assigned(Closes(1)));
    let n = crate::support::block_on(async { by_ref(1).await });
    crate::support::log(format!("{} {}", n, needless_sync(&converts_sync("a".to_owned()))));
}
