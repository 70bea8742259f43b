#[propagate_context]
pub async fn empty() {}

#[propagate_context]
pub fn empty_sync() {}

#[propagate_context]
pub async fn unit() -> () {}

#[propagate_context]
pub async fn statement() {
    let _ = 1;
}

#[propagate_context]
pub async fn returns() {
    return;
}

#[propagate_context]
pub async fn tail(n: &mut u32) {
    *n += 1
}

#[propagate_context]
pub async fn nothing(_: ()) {}

#[propagate_context]
pub async fn takes_unit(unit: ()) {
    unit
}
