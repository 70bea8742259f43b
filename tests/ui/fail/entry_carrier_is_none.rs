use propagate_context::context_entry;

#[context_entry(carrier = job.id)]
async fn handler(job: Job) {}

struct Job {
    id: u64,
}

fn main() {}
