//@ lost clippy::used_underscore_binding: not for arguments of async functions, which we mention too
#[propagate_context]
pub async fn unused(_a: u32, _b: String, (_c, _): (u32, u32)) {}

#[propagate_context]
pub async fn used(_a: u32) -> u32 {
    _a + 1
}

#[propagate_context]
pub fn sync(_a: u32) -> u32 {
    let _b = 1;
    _a
}
