#[propagate_context]
pub async fn r#match(r#type: u8, mut r#loop: u8) -> u8 {
    r#loop += 1;
    r#type + r#loop
}

#[propagate_context]
pub fn r#fn(r#impl: u8) -> u8 {
    r#impl
}

pub fn run() {
    crate::support::log(format!("{} {}", crate::support::block_on(r#match(1, 2)), r#fn(3)));
}
