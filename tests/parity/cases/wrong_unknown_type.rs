//@ wrong
//@ new E0425: said twice at the same place, with different hints
#[propagate_context]
pub async fn f(a: Unknown) -> Missing {
    a
}
