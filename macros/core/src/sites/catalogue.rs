//! The known spawners, and how their arguments are treated.

use syn::Path;

/// What kind of job a spawner takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SpawnArg {
    Future,
    /// A closure that is called once.
    Closure,
}

/// Which arguments are propagated, in addition to literals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Values {
    /// None: only the name of the function is known.
    Untouched,
    /// The only argument, regardless of its type. A function of that name with more arguments is a different
    /// one.
    Only(SpawnArg),
    /// Each of exactly two arguments.
    Both(SpawnArg),
    /// Each argument that is a future or a function without parameters, judging by its type.
    ByType,
    /// The last argument, judging by its type. For spawners that the user has named.
    LastByType,
    /// Each argument that is the name of a function with one parameter.
    WithParameter,
}

/// How often a spawner calls a closure. A closure that is called once may move captured values out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Calls {
    Once,
    /// Once if the closure has parameters, because it is then called with a scope.
    OnceWithScope,
    Unknown,
}

/// What is known about one spawner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spawner {
    pub(crate) values: Values,
    pub(crate) calls: Calls,
    /// Whether a closure returns a future that the spawner runs.
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

/// Functions whose names start like that of a spawner, but whose arguments must stay unchanged.
const TYPED: &[&str] = &[
    // Starts the threads of a pool, which outlive the function that builds the pool.
    "spawn_handler",
    "spawn_obj",
    "spawn_obj_ok",
    "spawn_local_obj",
    "spawn_with",
    "spawn_broadcast_with",
];

/// Crates with functions that are named like a spawner of another crate, but return their argument.
const TYPED_BY_ARGUMENT: &[&str] = &["tokio_test"];

/// Returns the spawner that a function path names, judging by its last two segments.
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
        // The closure runs on a thread of the pool, with the scope as its parameter.
        (Some("rayon"), "scope" | "scope_fifo") => {
            Some(Spawner::new(Values::WithParameter, Calls::Once))
        }
        (_, "install" | "scope" | "join") => None,
        _ => of_method(name),
    }
}

/// Returns the spawner with the name of a method, regardless of the type of the method.
pub(crate) fn of_method(name: &str) -> Option<Spawner> {
    match name {
        "spawn_pinned" | "spawn_pinned_by_idx" => Some(Spawner {
            returns_future: true,
            ..Spawner::new(Values::ByType, Calls::Once)
        }),
        // axum, poem and warp serve the socket of an upgrade in a separate task.
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
        // `install` runs a closure on a pool and waits for it. A method of this name that stores a closure and
        // calls it later is treated the same way.
        _ if name.starts_with("spawn_") || name == "install" => {
            Some(Spawner::new(Values::Untouched, Calls::Unknown))
        }
        _ => None,
    }
}

/// Whether the `segments` of a call end with the path that the user named.
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

/// Returns the properties of a spawner that the user named.
pub(crate) fn named(takes: SpawnArg) -> Spawner {
    Spawner {
        values: Values::LastByType,
        ..Spawner::known(takes)
    }
}
