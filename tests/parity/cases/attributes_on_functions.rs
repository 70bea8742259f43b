//@ lost unused_must_use: the compiler looks at what is awaited of an `async fn` alone
//@ new unused_results: for the same reason
/// Documented.
///
/// More.
#[propagate_context]
#[inline]
#[must_use]
pub fn documented() -> u8 {
    1
}

#[must_use = "why not"]
#[propagate_context]
pub async fn must_use() -> u8 {
    1
}

#[propagate_context]
#[deprecated(note = "old")]
pub async fn old() {}

#[propagate_context]
#[cold]
#[allow(dead_code)]
async fn cold() {}

#[cfg(any())]
#[propagate_context]
pub async fn absent() {}

#[propagate_context]
#[cfg_attr(all(), allow(unused_variables))]
#[cfg_attr(any(), something::unknown)]
pub async fn conditional(a: u8) {}

#[propagate_context]
#[doc(hidden)]
pub async fn hidden() {}

#[propagate_context]
pub async fn uses() {
    old().await;
    must_use().await;
    documented();
    let _ = must_use();
    must_use();
}
