//@ wrong
//@ moved error: what lives too short is found for the body as a whole
#[propagate_context]
pub async fn f<'a, 'b>(a: &'a str, b: &'b str) -> &'a str {
    b
}
