use propagate_context::{ContextVar, context_entry};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();

#[context_entry(vars = [TENANT])]
async fn handler() {}

fn main() {}
