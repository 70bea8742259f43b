use propagate_context::{ContextVar, context_entry};

struct Plan;

static PLAN: ContextVar<Plan> = ContextVar::new("plan");

#[context_entry(carrier = message, vars = [PLAN])]
async fn handler(message: Vec<(String, String)>) {}

fn main() {}
