//! Which calls spawn, and what they take.

use syn::Path;

/// What a spawner takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SpawnArg {
    Future,
    /// A closure that is called once.
    Closure,
}

/// Which arguments are wrapped where they are no literals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WrapWhich {
    /// The only one: functions of that name with more arguments are others.
    Only,
    /// Each of the two.
    Both,
    /// The last, as of a spawner that a user has named.
    Last,
}

/// How often a spawner calls a closure: of one that is called once, what it captures may be moved out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Calls {
    Once,
    /// Once if it has parameters: it is called with a scope then.
    OnceWithScope,
    Unknown,
}

/// What is known of one spawner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spawner {
    /// Some arguments are wrapped whatever they are, and literals among the others.
    WrapWhich { takes: SpawnArg, which: WrapWhich },
    /// Literals alone are wrapped.
    Literals {
        calls: Calls,
        /// A closure's result is a future that runs in the spawner's hands.
        returns_future: bool,
    },
}

impl Spawner {
    const fn values(takes: SpawnArg, which: WrapWhich) -> Self {
        Spawner::WrapWhich { takes, which }
    }

    const fn literals(calls: Calls) -> Self {
        Spawner::Literals {
            calls,
            returns_future: false,
        }
    }

    /// What becomes of literals among its arguments.
    pub(crate) fn of_literals(self) -> (Calls, bool) {
        match self {
            Spawner::Literals {
                calls,
                returns_future,
            } => (calls, returns_future),
            Spawner::WrapWhich {
                takes: SpawnArg::Closure,
                ..
            } => (Calls::Once, false),
            Spawner::WrapWhich { .. } => (Calls::OnceWithScope, false),
        }
    }
}

/// Modules, and the functions in them that take a future.
const FUTURES: &[(&str, &[&str])] = &[
    ("tokio", &["spawn"]),
    ("task", &["spawn", "spawn_local"]),
    ("rt", &["spawn"]),
    ("actix_rt", &["spawn"]),
    ("smol", &["spawn"]),
    ("async_global_executor", &["spawn", "spawn_local"]),
    ("wasm_bindgen_futures", &["spawn_local"]),
    ("monoio", &["spawn"]),
    ("compio", &["spawn"]),
    ("tokio_uring", &["spawn"]),
];

/// Modules, and the functions in them that take a closure without parameters.
const CLOSURES: &[(&str, &[&str])] = &[
    ("task", &["spawn_blocking"]),
    ("thread", &["spawn"]),
    ("rayon", &["spawn", "spawn_fifo"]),
    ("web", &["block"]),
    ("smol", &["unblock"]),
    ("blocking", &["unblock"]),
    ("async_global_executor", &["spawn_blocking"]),
];

/// Names of calls that start like a spawner's, and take something that must stay as it is.
const TYPED: &[&str] = &[
    // Makes the threads of a pool, which outlive what builds it.
    "spawn_handler",
    "spawn_obj",
    "spawn_obj_ok",
    "spawn_local_obj",
    "spawn_with",
    "spawn_broadcast_with",
];

/// The spawner that a function path names, by its last two segments.
pub(crate) fn of_path(segments: &[String]) -> Option<Spawner> {
    let name = segments.last()?.as_str();
    let module = segments
        .len()
        .checked_sub(2)
        .map(|index| segments[index].as_str());
    let listed = |table: &[(&str, &[&str])]| {
        table
            .iter()
            .any(|(of, names)| Some(*of) == module && names.contains(&name))
    };
    if listed(FUTURES) {
        return Some(Spawner::values(SpawnArg::Future, WrapWhich::Only));
    }
    if listed(CLOSURES) || (module.is_none() && name == "spawn_blocking") {
        return Some(Spawner::values(SpawnArg::Closure, WrapWhich::Only));
    }
    match (module, name) {
        // Both closures may run on other threads.
        (Some("rayon"), "join") => Some(Spawner::values(SpawnArg::Closure, WrapWhich::Both)),
        // The body runs on a thread of the pool, with the scope as its parameter.
        (Some("rayon"), "scope" | "scope_fifo") => Some(Spawner::literals(Calls::Once)),
        (_, "install" | "scope" | "join") => None,
        _ => of_method(name),
    }
}

/// The spawner that a method name tells: its literals alone are wrapped, whatever it belongs to.
pub(crate) fn of_method(name: &str) -> Option<Spawner> {
    match name {
        // axum, poem and warp serve the socket of an upgrade in a task of its own.
        "spawn_pinned" | "spawn_pinned_by_idx" | "on_upgrade" => Some(Spawner::Literals {
            calls: Calls::Once,
            returns_future: true,
        }),
        "spawn_blocking" | "spawn_blocking_on" | "spawn_scoped" | "spawn_fifo" | "spawn_fn"
        | "unblock" | "install" => Some(Spawner::literals(Calls::Once)),
        "spawn" | "track_future" => Some(Spawner::literals(Calls::OnceWithScope)),
        _ if TYPED.contains(&name) => None,
        _ if name.starts_with("spawn_") => Some(Spawner::literals(Calls::Unknown)),
        _ => None,
    }
}

/// What a spawner whose values are not wrapped would do with them, where a user asks for it.
pub(crate) fn detached_value(name: &str) -> SpawnArg {
    if name.ends_with("blocking") || name.ends_with("blocking_on") || name == "unblock" {
        SpawnArg::Closure
    } else {
        SpawnArg::Future
    }
}

/// Whether `segments`, of a call, end with the path that a user named.
pub(crate) fn is_named(named: &Path, segments: &[String]) -> bool {
    let count = named.segments.len();
    let Some(start) = segments.len().checked_sub(count) else {
        return false;
    };
    named
        .segments
        .iter()
        .zip(&segments[start..])
        .all(|(named, found)| named.ident == found)
}

/// The spawner that a user named.
pub(crate) fn named(takes: SpawnArg) -> Spawner {
    Spawner::values(takes, WrapWhich::Last)
}
