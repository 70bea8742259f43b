//! A name like those of ours is a misspelling, not a function of the user's.

#[propagate_context::context_entry(generate = uuid_v5)]
async fn handle() {}

fn main() {}
