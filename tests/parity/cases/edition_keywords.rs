#[propagate_context]
pub async fn keywords(dynamic: u32) -> u32 {
    let auto = dynamic;
    let union = auto + 1;
    let default = union + 1;
    let safe = default + 1;
    safe
}

pub fn run() {
    crate::support::log(crate::support::block_on(keywords(1)).to_string());
}
