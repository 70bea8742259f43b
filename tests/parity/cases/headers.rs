//@ lost improper_ctypes_definitions: an `extern "C"` function whose result is a future is no such function
#![allow(clippy::missing_safety_doc)]

/// # Safety
/// None.
#[propagate_context]
pub async unsafe fn unsafe_async(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[propagate_context]
pub unsafe fn unsafe_sync(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[propagate_context]
pub async extern "C" fn extern_async() -> u8 {
    1
}

#[propagate_context]
pub extern "C" fn extern_sync() -> u8 {
    1
}

#[propagate_context]
pub(crate) async fn restricted() {}

#[propagate_context]
pub(super) async fn to_super() {}

#[propagate_context]
async fn private() {}

#[propagate_context]
pub const fn constant() -> u8 {
    1
}

pub fn run() {
    let byte = 7;
    let read = crate::support::block_on(unsafe { unsafe_async(&byte) });
    crate::support::log(format!("{read} {}", unsafe { unsafe_sync(&byte) }));
    crate::support::block_on(async {
        restricted().await;
        to_super().await;
        private().await;
    });
}
