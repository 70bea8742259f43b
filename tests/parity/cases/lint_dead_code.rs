#[propagate_context]
async fn never_called() {}

#[propagate_context]
fn never_called_sync() {}

struct Never;

#[propagate_context]
impl Never {
    async fn never_called(&self) {}

    fn never_called_sync(&self) {}
}

#[propagate_context]
mod inner {
    pub async fn never_called() {}
}
