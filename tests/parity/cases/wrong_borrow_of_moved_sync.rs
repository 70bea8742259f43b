//@ wrong
#[propagate_context]
pub fn f(text: String) -> usize {
    drop(text);
    text.len()
}
