#[propagate_context]
pub async fn diverges() -> ! {
    loop {
        crate::support::suspend().await;
    }
}

#[propagate_context]
pub async fn panics() -> ! {
    panic!("never")
}

#[propagate_context]
pub fn exits() -> ! {
    std::process::exit(1)
}
