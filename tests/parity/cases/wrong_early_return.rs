//@ wrong
#[propagate_context]
pub async fn f(flag: bool) -> u32 {
    if flag {
        return "text";
    }
    1
}
