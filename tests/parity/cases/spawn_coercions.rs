#[propagate_context]
pub fn spawns() -> u32 {
    let boxed: Box<dyn Fn() -> u32 + Send> =
        std::thread::spawn(|| Box::new(one) as Box<dyn Fn() -> u32 + Send>).join().unwrap();
    let pointer: fn() -> u32 = std::thread::spawn(|| five as fn() -> u32).join().unwrap();
    let list: Vec<u32> = std::thread::spawn(|| (0..3).collect()).join().unwrap();
    let default: u32 = std::thread::spawn(Default::default).join().unwrap();
    boxed() + pointer() + list.len() as u32 + default
}

fn five() -> u32 {
    5
}

fn one() -> u32 {
    1
}

pub fn run() {
    crate::support::log(spawns().to_string());
}
