static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

#[propagate_context]
pub async fn counts() -> u32 {
    const STEP: u32 = { 1 + 1 };
    static TEXT: &'static str = "text";
    let pointer: *const u32 = &STEP;
    COUNT.fetch_add(STEP, std::sync::atomic::Ordering::SeqCst);
    let _ = pointer;
    TEXT.len() as u32 + COUNT.load(std::sync::atomic::Ordering::SeqCst)
}

pub fn run() {
    crate::support::log(crate::support::block_on(counts()).to_string());
}
