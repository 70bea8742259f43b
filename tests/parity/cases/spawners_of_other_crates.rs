mod task {
    use std::future::Future;

    pub fn spawn<F: Future>(name: String, future: F) -> (String, F::Output) {
        (name, crate::support::block_on(future))
    }
}

mod thread {
    pub fn spawn<R>(name: String, job: impl FnOnce() -> R) -> (String, R) {
        (name, job())
    }
}

struct Registry;

impl Registry {
    fn spawn(&self, job: fn() -> u32) -> u32 {
        job()
    }
}

#[propagate_context]
pub fn named(name: String) -> (String, u32) {
    let (name, one) = task::spawn(name, async { 1 });
    let (name, two) = thread::spawn(name, || 2);
    (name, one + two)
}

#[propagate_context]
pub fn by_pointer() -> u32 {
    #[propagate_context(skip)]
    let coerced = Registry.spawn(|| 6);
    Registry.spawn((|| 5) as fn() -> u32) + coerced
}

fn spawn_each<R>(job: impl Fn() -> R + Copy) -> (R, R) {
    (job(), job())
}

#[propagate_context]
pub fn by_copy(n: u32) -> u32 {
    #[propagate_context(skip)]
    let (one, two) = spawn_each(|| n);
    one + two
}

pub fn run() {
    crate::support::log(format!("{:?} {} {}", named("n".to_owned()), by_pointer(), by_copy(1)));
}
