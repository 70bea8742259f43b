//! The full paths of spawners, for clippy, which resolves names. The macro's own catalogue only knows names.
//! `tests/catalogue.rs` proves that the macro rewrites a call of each path listed here.

use std::fmt::Write;

/// The alternative to annotating the function that calls a spawner.
#[derive(Clone, Copy)]
enum Instead {
    /// A function of `propagate_context::task`.
    Task(&'static str),
    /// A method of an extension trait.
    Method(&'static str),
    Future,
    Closure,
}

use Instead::{Closure, Future, Method, Task};

/// All spawners, by crate.
const SPAWNERS: &[(&str, Instead)] = &[
    ("std::thread::spawn", Closure),
    ("std::thread::Builder::spawn", Closure),
    ("std::thread::Builder::spawn_scoped", Closure),
    ("std::thread::Scope::spawn", Closure),
    ("tokio::task::spawn", Task("spawn")),
    ("tokio::task::spawn_blocking", Task("spawn_blocking")),
    ("tokio::task::spawn_local", Task("spawn_local")),
    ("tokio::runtime::Handle::spawn", Method("spawn_in_context")),
    (
        "tokio::runtime::Handle::spawn_blocking",
        Method("spawn_blocking_in_context"),
    ),
    ("tokio::runtime::Runtime::spawn", Method("spawn_in_context")),
    (
        "tokio::runtime::Runtime::spawn_blocking",
        Method("spawn_blocking_in_context"),
    ),
    // With `--cfg tokio_unstable`.
    ("tokio::task::Builder::spawn", Future),
    ("tokio::task::Builder::spawn_on", Future),
    ("tokio::task::Builder::spawn_local", Future),
    ("tokio::task::Builder::spawn_local_on", Future),
    ("tokio::task::Builder::spawn_blocking", Closure),
    ("tokio::task::Builder::spawn_blocking_on", Closure),
    ("tokio::task::join_set::Builder::spawn", Future),
    ("tokio::task::join_set::Builder::spawn_on", Future),
    ("tokio::task::join_set::Builder::spawn_local", Future),
    ("tokio::task::join_set::Builder::spawn_local_on", Future),
    ("tokio::task::join_set::Builder::spawn_blocking", Closure),
    ("tokio::task::join_set::Builder::spawn_blocking_on", Closure),
    ("tokio::task::JoinSet::spawn", Method("spawn_in_context")),
    (
        "tokio::task::JoinSet::spawn_blocking",
        Method("spawn_blocking_in_context"),
    ),
    ("tokio::task::JoinSet::spawn_blocking_on", Closure),
    ("tokio::task::JoinSet::spawn_local", Future),
    ("tokio::task::JoinSet::spawn_local_on", Future),
    ("tokio::task::JoinSet::spawn_on", Future),
    ("tokio::task::LocalSet::spawn_local", Future),
    ("tokio_util::task::JoinMap::spawn", Future),
    ("tokio_util::task::JoinMap::spawn_blocking", Closure),
    ("tokio_util::task::JoinMap::spawn_blocking_on", Closure),
    ("tokio_util::task::JoinMap::spawn_local", Future),
    ("tokio_util::task::JoinMap::spawn_local_on", Future),
    ("tokio_util::task::JoinMap::spawn_on", Future),
    ("tokio_util::task::LocalPoolHandle::spawn_pinned", Closure),
    (
        "tokio_util::task::LocalPoolHandle::spawn_pinned_by_idx",
        Closure,
    ),
    (
        "tokio_util::task::TaskTracker::spawn",
        Method("spawn_in_context"),
    ),
    (
        "tokio_util::task::TaskTracker::spawn_blocking",
        Method("spawn_blocking_in_context"),
    ),
    ("tokio_util::task::TaskTracker::spawn_blocking_on", Closure),
    ("tokio_util::task::TaskTracker::spawn_local", Future),
    ("tokio_util::task::TaskTracker::spawn_local_on", Future),
    ("tokio_util::task::TaskTracker::spawn_on", Future),
    ("rayon::spawn", Closure),
    ("rayon::spawn_fifo", Closure),
    ("rayon::spawn_broadcast", Closure),
    ("rayon::join", Closure),
    ("rayon::scope", Closure),
    ("rayon::scope_fifo", Closure),
    ("rayon::Scope::spawn", Closure),
    ("rayon::Scope::spawn_broadcast", Closure),
    ("rayon::ScopeFifo::spawn_fifo", Closure),
    ("rayon::ScopeFifo::spawn_broadcast", Closure),
    ("rayon::ThreadPool::spawn", Closure),
    ("rayon::ThreadPool::spawn_fifo", Closure),
    ("rayon::ThreadPool::spawn_broadcast", Closure),
    ("rayon::ThreadPool::install", Closure),
    ("actix_rt::spawn", Future),
    ("actix_rt::Arbiter::spawn", Future),
    ("actix_rt::Arbiter::spawn_fn", Closure),
    ("actix_rt::ArbiterHandle::spawn", Future),
    ("actix_rt::ArbiterHandle::spawn_fn", Closure),
    ("actix_web::web::block", Closure),
    ("axum::extract::ws::WebSocketUpgrade::on_upgrade", Closure),
    ("poem::web::websocket::WebSocket::on_upgrade", Closure),
    ("warp::ws::Ws::on_upgrade", Closure),
    ("futures::executor::ThreadPool::spawn_ok", Future),
    ("futures::task::SpawnExt::spawn", Future),
    ("futures::task::SpawnExt::spawn_with_handle", Future),
    ("futures::task::LocalSpawnExt::spawn_local", Future),
    (
        "futures::task::LocalSpawnExt::spawn_local_with_handle",
        Future,
    ),
    ("crossbeam::thread::Scope::spawn", Closure),
    ("crossbeam::thread::ScopedThreadBuilder::spawn", Closure),
    ("smol::spawn", Future),
    ("async_executor::Executor::spawn", Future),
    ("async_executor::LocalExecutor::spawn", Future),
    ("async_std::task::spawn", Future),
    ("async_std::task::spawn_blocking", Closure),
    ("async_std::task::spawn_local", Future),
    ("async_global_executor::spawn", Future),
    ("async_global_executor::spawn_blocking", Closure),
    ("async_global_executor::spawn_local", Future),
    ("blocking::unblock", Closure),
    ("wasm_bindgen_futures::spawn_local", Future),
    ("tokio_uring::spawn", Future),
    ("monoio::spawn", Future),
];

impl Instead {
    fn text(self) -> String {
        match self {
            Task(name) => format!("use `propagate_context::task::{name}`"),
            Method(name) => format!("use `{name}`"),
            Future => "wrap the future with `.in_current_context()`".to_owned(),
            Closure => "wrap the closure with `Context::current().wrap(..)`".to_owned(),
        }
    }
}

/// Returns the content of `docs/clippy.toml`.
pub(crate) fn clippy_toml() -> String {
    let mut text = String::from(
        "# Finds the spawns that lose the context. Generated by `cargo propagate-context --print-clippy-toml`.
# Copy it into your own `clippy.toml`, and run `cargo clippy -- -D clippy::disallowed-methods` in CI.
#
# Clippy resolves names, so it also finds aliases. But it does not know the attribute, and reports annotated functions,
# which lose nothing: add `#[allow(clippy::disallowed_methods)]` beside the attribute there. `cargo propagate-context
# --precise` combines both, and distinguishes requests from background work.
#
# Paths of crates that you do not depend on are ignored. `allow-invalid`, for items that your version or features of a
# crate do not have, requires clippy 1.88.
disallowed-methods = [
",
    );
    for (path, instead) in SPAWNERS {
        let reason = format!(
            "loses the context; annotate the function, or {}",
            instead.text()
        );
        let _ = writeln!(
            text,
            "    {{ path = \"{path}\", reason = \"{reason}\", allow-invalid = true }},"
        );
    }
    text.push_str("]\n");
    text
}
