fn nothing() {}

#[propagate_context]
pub async fn binds() {
    let unit = nothing();
    let _ = unit;
    drop(unit);
}

#[propagate_context]
pub async fn passes((): ()) {
    nothing()
}
