#[propagate_context]
pub async fn parse(text: Option<&str>) -> usize {
    let Some(text) = text else {
        return 0;
    };
    let length = match text.len() {
        0 => return 1,
        n @ 1..=3 => n,
        n if n % 2 == 0 => n / 2,
        n => n,
    };
    if let (Some(first), true) = (text.chars().next(), length > 1) {
        return first as usize;
    }
    length
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {} {}", block_on(parse(None)), block_on(parse(Some(""))), block_on(parse(Some("abc")))));
}
