#[propagate_context]
pub async fn labels(n: u32) -> u32 {
    let found = 'search: {
        if n > 3 {
            break 'search n;
        }
        0
    };
    let mut count = 0;
    'outer: loop {
        loop {
            count += 1;
            if count > found {
                break 'outer;
            }
        }
    }
    count
}

pub fn run() {
    crate::support::log(crate::support::block_on(labels(5)).to_string());
}
