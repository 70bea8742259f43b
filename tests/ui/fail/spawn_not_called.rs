use propagate_context::propagate_context;

struct Pool;

impl Pool {
    fn submit(&self, job: impl FnOnce()) {
        job();
    }
}

#[propagate_context(spawn_blocking(Pool::submitt))]
fn f() {
    Pool.submit(|| ());
}

fn main() {}
