#[propagate_context]
pub fn spawns(n: u32) -> Result<u32, String> {
    let early = std::thread::spawn(move || {
        if n == 0 {
            return Err("zero".to_owned());
        }
        let m: u32 = "3".parse().map_err(|_| String::new())?;
        Ok(n + m)
    });
    let typed = std::thread::spawn(move || -> Result<u32, String> { Ok(n) });
    let diverges = std::thread::spawn(move || -> ! { std::panic::resume_unwind(Box::new(1)) });
    assert!(diverges.join().is_err());
    Ok(early.join().unwrap()? + typed.join().unwrap()?)
}

pub fn run() {
    crate::support::log(format!("{:?} {:?}", spawns(1), spawns(0)));
}
