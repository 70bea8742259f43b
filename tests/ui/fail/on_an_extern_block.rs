use propagate_context::propagate_context;

#[propagate_context]
unsafe extern "C" {
    fn getpid() -> i32;
}

fn main() {}
