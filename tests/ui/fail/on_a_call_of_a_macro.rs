use propagate_context::propagate_context;

macro_rules! nothing {
    () => {};
}

#[propagate_context]
nothing! {}

fn main() {}
