use std::thread::JoinHandle;

#[propagate_context]
pub fn path(job: fn() -> u32) -> JoinHandle<u32> {
    #[detached]
    std::thread::spawn(job)
}

#[propagate_context]
pub fn method(builder: std::thread::Builder) -> std::io::Result<JoinHandle<u32>> {
    #[detached]
    builder.spawn(|| 1)
}

#[propagate_context]
pub fn branch(job: fn() -> u32, yes: bool) -> Option<JoinHandle<u32>> {
    if yes {
        #[detached]
        Some(std::thread::spawn(job))
    } else {
        None
    }
}

pub fn run() {
    let sum = path(|| 1).join().unwrap()
        + method(std::thread::Builder::new()).unwrap().join().unwrap()
        + branch(|| 2, true).unwrap().join().unwrap();
    crate::support::log(format!("{}", sum));
}
