//@ lost clippy::needless_lifetimes: an async function becomes one that returns a future
#[propagate_context]
pub async fn needless<'a>(text: &'a str) -> &'a str {
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
