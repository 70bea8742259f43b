#[propagate_context]
#[expect(clippy::needless_pass_by_value)]
pub fn by_value(text: String) -> usize {
    text.len()
}

#[propagate_context]
#[expect(unused_variables)]
pub async fn unused(n: u32) {}

#[propagate_context]
#[expect(dead_code)]
async fn dead() {}

#[propagate_context]
#[expect(unused_variables)]
pub async fn unfulfilled() {}
