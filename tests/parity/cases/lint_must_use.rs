#[propagate_context]
#[must_use]
pub async fn asynchronous() -> u32 {
    1
}

#[cfg_attr(all(), must_use)]
#[propagate_context]
pub async fn conditional() -> u32 {
    1
}

#[propagate_context]
#[must_use]
pub fn sync() -> u32 {
    1
}

#[propagate_context]
#[must_use]
pub fn already() -> Result<u32, String> {
    Ok(1)
}
