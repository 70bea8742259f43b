use propagate_context::propagate_context;

struct Pool;

impl Pool {
    fn submit(&self, job: impl FnOnce()) {
        job();
    }
}

// What an attribute above, such as `#[serial]`, leaves to the ones below it.
#[propagate_context(spawn_blocking(Pool::submit))]
fn f() {
    fn inner() {
        Pool.submit(|| ());
    }
    inner();
}

fn main() {}
