use propagate_context::context_entry;

struct Job {
    id: String,
    headers: Vec<(String, String)>,
}

#[context_entry(carrier = job.headers, generate = job.id.clone())]
async fn handler(job: Job) {}

fn main() {}
