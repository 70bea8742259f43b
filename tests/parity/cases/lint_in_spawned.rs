#[propagate_context]
pub async fn spawned(text: String) {
    tokio::spawn(async move {
        let unused = 1;
        if text.len() == 0 {
            return;
        }
        let copied = text.clone();
    });
    std::thread::spawn(move || {
        let unused = 1;
        let mut unchanged = 2;
        return unchanged;
    });
    tokio::task::spawn_blocking(|| {
        let unused = String::new();
        "".to_string()
    });
}
