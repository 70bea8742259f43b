//@ wrong
#[propagate_context]
pub async fn f<T>(t: T) -> String {
    t.to_string()
}
