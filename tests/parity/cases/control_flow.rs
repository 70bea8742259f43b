#[propagate_context]
pub async fn flows(list: &[Result<u32, String>]) -> Result<u32, String> {
    let mut sum = 0;
    'outer: for item in list {
        let n = match item {
            Ok(0) => continue,
            Ok(1) => break 'outer,
            Ok(n) => *n,
            Err(error) => return Err(error.clone()),
        };
        let Some(found) = Some(n).filter(|n| *n > 2) else {
            continue 'outer;
        };
        sum += loop {
            break found;
        };
        crate::support::suspend().await;
    }
    if let Some(n) = sum.checked_sub(100) {
        Err(n.to_string())?;
    }
    Ok(sum)
}

#[propagate_context]
pub fn optional(list: &[u32]) -> Option<u32> {
    let first = list.first()?;
    let last = *list.last()?;
    Some(first + last)
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{:?}", block_on(flows(&[Ok(0), Ok(3), Ok(2), Ok(1), Ok(9)]))));
    log(format!("{:?} {:?}", block_on(flows(&[Err("x".into())])), optional(&[1, 2])));
}
