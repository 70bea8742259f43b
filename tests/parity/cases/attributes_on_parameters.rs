#[propagate_context]
pub async fn configured(#[cfg(all())] a: u8, #[cfg(any())] b: u8, #[cfg(all())] (c, _): (u8, u8)) -> u8 {
    a + c
}

#[propagate_context]
pub async fn allowed(#[allow(unused_variables)] a: u8, #[allow(unused_variables)] (b, c): (u8, u8)) {}

#[propagate_context]
pub async fn denied(#[warn(unused_variables)] a: u8) {}

#[propagate_context]
pub async fn expected(#[expect(unused_variables)] a: u8) {}

#[propagate_context]
pub fn sync(#[cfg(any())] a: u8, #[allow(unused_variables)] b: u8) {}
