//! Which calls spawn, and what becomes of their arguments.

use syn::Path;

/// What a spawner takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SpawnArg {
    Future,
    /// A closure that is called once.
    Closure,
}

/// Which arguments are propagated, other than literals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Values {
    /// None: nothing is known of the function but its name.
    Untouched,
    /// The only one, whatever its type: functions of that name with more arguments are others.
    Only(SpawnArg),
    /// Each of the two.
    Both(SpawnArg),
    /// Each that is a future or a function without parameters, by its type.
    ByType,
    /// The last one, by its type: of a spawner that a user has named.
    LastByType,
    /// Each that is the name of a function, which has one parameter.
    WithParameter,
}

/// How often a spawner calls a closure: of one that is called once, captured values may be moved out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Calls {
    Once,
    /// Once if it has parameters: it is called with a scope then.
    OnceWithScope,
    Unknown,
}

/// What is known of one spawner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spawner {
    pub(crate) values: Values,
    pub(crate) calls: Calls,
    /// A closure returns a future that the spawner runs.
    pub(crate) returns_future: bool,
}

impl Spawner {
    const fn new(values: Values, calls: Calls) -> Self {
        Spawner {
            values,
            calls,
            returns_future: false,
        }
    }

    const fn known(takes: SpawnArg) -> Self {
        let calls = match takes {
            SpawnArg::Closure => Calls::Once,
            SpawnArg::Future => Calls::OnceWithScope,
        };
        Spawner::new(Values::Only(takes), calls)
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

/// Crates with functions that are called like a spawner of another crate, and return what they are given.
const TYPED_BY_ARGUMENT: &[&str] = &["tokio_test"];

/// The spawner that a function path names, by its last two segments.
pub(crate) fn of_path(segments: &[String]) -> Option<Spawner> {
    let (name, path) = segments.split_last()?;
    let name = name.as_str();
    let module = path.last().map(String::as_str);
    if path
        .iter()
        .any(|segment| TYPED_BY_ARGUMENT.contains(&segment.as_str()))
    {
        return None;
    }
    let listed = |table: &[(&str, &[&str])]| {
        table
            .iter()
            .any(|(of, names)| Some(*of) == module && names.contains(&name))
    };
    if listed(FUTURES) {
        return Some(Spawner::known(SpawnArg::Future));
    }
    if listed(CLOSURES) || (module.is_none() && name == "spawn_blocking") {
        return Some(Spawner::known(SpawnArg::Closure));
    }
    match (module, name) {
        // Both closures may run on other threads.
        (Some("rayon"), "join") => Some(Spawner::new(Values::Both(SpawnArg::Closure), Calls::Once)),
        // The body runs on a thread of the pool, with the scope as its parameter.
        (Some("rayon"), "scope" | "scope_fifo") => {
            Some(Spawner::new(Values::WithParameter, Calls::Once))
        }
        (_, "install" | "scope" | "join") => None,
        _ => of_method(name),
    }
}

/// The spawner that has the name of a method, whatever the method belongs to.
pub(crate) fn of_method(name: &str) -> Option<Spawner> {
    match name {
        "spawn_pinned" | "spawn_pinned_by_idx" => Some(Spawner {
            returns_future: true,
            ..Spawner::new(Values::ByType, Calls::Once)
        }),
        // axum, poem and warp serve the socket of an upgrade in a task of its own.
        "on_upgrade" => Some(Spawner {
            returns_future: true,
            ..Spawner::new(Values::WithParameter, Calls::Once)
        }),
        "spawn_blocking" | "spawn_blocking_on" | "spawn_scoped" | "spawn_fifo" | "spawn_fn"
        | "unblock" => Some(Spawner::new(Values::ByType, Calls::Once)),
        "spawn" | "spawn_local" | "spawn_on" | "spawn_local_on" | "spawn_ok"
        | "spawn_with_handle" | "spawn_detached" | "spawn_unchecked" | "track_future" => {
            Some(Spawner::new(Values::ByType, Calls::OnceWithScope))
        }
        "spawn_broadcast" => Some(Spawner::new(Values::WithParameter, Calls::Unknown)),
        _ if TYPED.contains(&name) => None,
        // `install` runs a closure on a pool and waits for it; so do methods that keep and call one.
        _ if name.starts_with("spawn_") || name == "install" => {
            Some(Spawner::new(Values::Untouched, Calls::Unknown))
        }
        _ => None,
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
    Spawner {
        values: Values::LastByType,
        ..Spawner::known(takes)
    }
}
