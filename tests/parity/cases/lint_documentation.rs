//! Documented.

/// Panics without saying so.
#[propagate_context]
pub async fn panics(n: Option<u32>) -> u32 {
    n.unwrap()
}

/// Fails without saying so.
#[propagate_context]
pub fn fails() -> Result<u32, String> {
    Err(String::new())
}

/// Uses SomeType without ticks.
#[propagate_context]
pub async fn markdown() {}

/// # Safety
#[propagate_context]
pub unsafe fn dangerous() {}

#[propagate_context]
pub unsafe fn undocumented() {}
