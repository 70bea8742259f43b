//@ edition 2021
#[propagate_context]
pub async fn converts(text: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    let n: u32 = text.parse()?;
    let m = u32::try_from(u64::from(n))?;
    if m == 7 {
        return Err("seven".into());
    }
    let spawned = std::thread::spawn(move || -> Result<u32, std::num::ParseIntError> {
        let k: u32 = "3".parse()?;
        Ok(k)
    });
    Ok(m + spawned.join().unwrap()?)
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{:?} {:?} {:?}", block_on(converts("1")), block_on(converts("7")).is_err(), block_on(converts("x")).is_err()));
}
