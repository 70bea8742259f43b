#[propagate_context]
pub async fn shadows() -> u8 {
    type u8 = String;
    let text: u8 = u8::new();
    text.len().to_le_bytes()[0]
}

#[propagate_context]
pub async fn items() -> u32 {
    const LIMIT: u32 = 3;
    use std::cmp::max;
    fn inner(n: u32) -> u32 {
        max(n, LIMIT)
    }
    struct Local;
    impl Local {
        async fn method(&self) -> u32 {
            inner(1)
        }
    }
    Local.method().await
}

#[propagate_context]
pub fn sync_items() -> u32 {
    let first = inner(1);
    fn inner(n: u32) -> u32 {
        n
    }
    first
}

pub fn run() {
    crate::support::log(format!("{}", crate::support::block_on(items()) + sync_items()));
}
