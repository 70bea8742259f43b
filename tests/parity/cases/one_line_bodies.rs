#[propagate_context]
pub async fn number() -> u32 { 7 }

#[propagate_context]
pub fn sync() -> u32 { 7 }

#[propagate_context]
pub async fn call(text: &str) -> usize { text.len() }

#[propagate_context]
pub async fn unit(n: &mut u32) { *n += 1 }

#[propagate_context]
pub async fn statement(n: &mut u32) { *n += 1; }

#[propagate_context]
pub fn thread() -> u32 { std::thread::spawn(|| { 7 }).join().unwrap_or_default() }

#[propagate_context]
pub async fn task() -> u32 { tokio::spawn(async { 7 }).await.unwrap_or_default() }
