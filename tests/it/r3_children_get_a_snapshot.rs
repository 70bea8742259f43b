//! R3: a wrapped future or closure runs in its own scope with the context that was current when it was wrapped,
//! regardless of the context that is current when it runs. Its writes reach neither the parent nor a sibling.
//! `VAR.scope(..)` adds a value to the context that is current at the first poll.

use std::future::ready;

use futures::FutureExt;
use futures::executor::block_on;
use propagate_context::{Context, ContextVar, InContext, Propagate};

static ID: ContextVar<&str> = ContextVar::new("id");
static N: ContextVar<u32> = ContextVar::new("n");
static HOOKS: ContextVar<&str> = ContextVar::new("hooks").task_only();

fn both() -> (Option<&'static str>, Option<u32>) {
    (ID.get(), N.get())
}

#[test]
fn a_wrapped_future_runs_in_the_context_at_wrapping() {
    let future = ID.sync_scope("made here", || async { ID.get() }.in_current_context());
    let seen = ID.sync_scope("runs there", || block_on(future));
    assert_eq!(seen, Some("made here"));
}

#[test]
fn a_wrapped_closure_runs_in_the_context_at_wrapping() {
    let once = ID.sync_scope("made here", || Context::current().wrap(ID_GET));
    ID.sync_scope("runs there", || assert_eq!(once(), Some("made here")));
}

const ID_GET: fn() -> Option<&'static str> = || ID.get();

#[test]
fn each_call_of_a_wrapped_closure_starts_from_the_snapshot() {
    let context = Context::empty().with(&ID, "snapshot");
    let write = || {
        let found = ID.get();
        ID.set("written");
        found
    };
    let mut repeated = context.clone().wrap_mut(write);
    assert_eq!([repeated(), repeated()], [Some("snapshot"); 2]);
    let shared = context.clone().wrap_fn(write);
    assert_eq!([shared(), shared()], [Some("snapshot"); 2]);
    let mapped = context.wrap_fn1(|n: u32| (n, write()));
    assert_eq!(
        [mapped(1), mapped(2)],
        [(1, Some("snapshot")), (2, Some("snapshot"))]
    );
}

#[test]
fn a_childs_write_reaches_neither_parent_nor_sibling() {
    ID.sync_scope("parent", || {
        let child = |name: &'static str| {
            Context::current().scope(async move {
                let found = ID.get();
                ID.set(name);
                tokio::task::yield_now().await;
                (found, ID.get())
            })
        };
        let (a, b) = block_on(async { futures::join!(child("a"), child("b")) });
        assert_eq!(a, (Some("parent"), Some("a")));
        assert_eq!(b, (Some("parent"), Some("b")));
        assert_eq!(ID.get(), Some("parent"));
    });
}

#[test]
fn nested_scopes_add_up() {
    let f = || async { both() };
    assert_eq!(
        block_on(ID.scope("a", N.scope(1, f()))),
        (Some("a"), Some(1))
    );
    assert_eq!(
        block_on(N.scope(1, ID.scope("a", f()))),
        (Some("a"), Some(1))
    );
    assert_eq!(
        ID.sync_scope("a", || N.sync_scope(1, both)),
        (Some("a"), Some(1))
    );
    assert_eq!(
        block_on(ID.scope("outer", ID.scope("inner", f()))),
        (Some("inner"), None)
    );
}

#[test]
fn a_scoped_value_is_added_to_the_context_at_the_first_poll() {
    let future: InContext<_> = ID.sync_scope("made here", || N.scope(1, async { both() }));
    let seen = ID.sync_scope("polled there", || block_on(future));
    assert_eq!(seen, (Some("polled there"), Some(1)));
}

#[test]
fn a_scoped_value_is_added_to_the_context_at_construction_if_none_is_current() {
    let future = ID.sync_scope("made here", || N.scope(1, async { both() }));
    assert_eq!(block_on(future), (Some("made here"), Some(1)));
}

#[test]
fn a_scoped_value_keeps_its_base_when_it_is_polled_elsewhere_later() {
    let mut future = Box::pin(N.scope(1, async {
        tokio::task::yield_now().await;
        both()
    }));
    ID.sync_scope("first", || {
        assert!(propagate_context_tests::poll_once(&mut future).is_pending());
    });
    let seen = ID.sync_scope("later", || block_on(future));
    assert_eq!(seen, (Some("first"), Some(1)));
}

/// For all subsets of five variables, at different places in the table, that are set where the scopes are created,
/// where they are polled, and by the scopes themselves.
#[test]
fn scoped_values_override_any_context_at_the_first_poll() {
    static VARS: [ContextVar<&str>; 300] = [const { ContextVar::new("any") }; 300];
    let picked = [0, 1, 40, 41, 299].map(|at| &VARS[at]);
    for variable in &VARS {
        variable.sync_scope("numbered", || ());
    }
    let context = |bits: u32, value| {
        let set = |bit: &usize| bits >> bit & 1 == 1;
        (0..picked.len())
            .filter(set)
            .fold(Context::empty(), |context, at| {
                context.with(picked[at], value)
            })
    };
    for bits in 0..1_u32 << 15 {
        let (made, polled, scoped) = (bits >> 10, bits >> 5 & 31, bits & 31);
        let future = context(made, "made").sync_scope(|| {
            let reads = async move { picked.map(ContextVar::get) }.boxed();
            (0..picked.len())
                .filter(|at| scoped >> at & 1 == 1)
                .fold(reads, |inner, at| picked[at].scope("scoped", inner).boxed())
        });
        let seen = context(polled, "polled").sync_scope(|| block_on(future));
        let expected = std::array::from_fn(|at| match (scoped >> at & 1, polled >> at & 1) {
            (1, _) => Some("scoped"),
            (_, 1) => Some("polled"),
            _ => None,
        });
        assert_eq!(seen, expected, "{made:b} {polled:b} {scoped:b}");
    }
}

#[test]
fn a_scoped_value_sees_writes_between_construction_and_first_poll() {
    let seen = block_on(ID.scope("before", async {
        let future = N.scope(1, async { both() });
        ID.set("after");
        future.await
    }));
    assert_eq!(seen, (Some("after"), Some(1)));
}

#[test]
fn task_only_variables_stay_in_the_task() {
    HOOKS.sync_scope("mine", || {
        assert_eq!(
            block_on(N.scope(1, async { HOOKS.get() })),
            Some("mine"),
            "an await in the same task"
        );
        assert_eq!(N.sync_scope(1, || HOOKS.get()), Some("mine"));
        assert_eq!(Context::current().get(&HOOKS), None);
        assert!(Context::current().is_empty());
        assert_eq!(block_on(async { HOOKS.get() }.in_current_context()), None);
        assert_eq!(Context::current().wrap(|| HOOKS.get())(), None);
        ID.set("seen by children");
        assert_eq!(Context::current().get(&ID), Some("seen by children"));
        assert_eq!(HOOKS.get(), Some("mine"));
        HOOKS.set("changed");
        ID.set("changed too");
        let child = Context::current();
        assert_eq!(
            (child.get(&ID), child.get(&HOOKS)),
            (Some("changed too"), None)
        );
    });
    // If no scope is current, a child gets the captured context, also without these variables.
    let future = HOOKS.sync_scope("mine", || N.scope(1, async { HOOKS.get() }));
    assert_eq!(block_on(future), None);
}

#[test]
fn snapshots_are_values() {
    let a = Context::empty().with(&ID, "a");
    let b = a.with(&N, 1).without(&ID);
    assert_eq!((a.get(&ID), a.get(&N)), (Some("a"), None));
    assert_eq!((b.get(&ID), b.get(&N)), (None, Some(1)));
    assert!(b.without(&N).is_empty() && !b.is_empty());
    assert!(b.without(&ID).get(&N).is_some());
}

/// The order is that of first use, so this test has its own variables.
#[test]
fn a_snapshot_shows_the_names_of_its_variables() {
    static FIRST: ContextVar<u32> = ContextVar::new("first");
    static SECOND: ContextVar<u32> = ContextVar::new("second");
    let context = Context::empty().with(&FIRST, 1).with(&SECOND, 2);
    assert_eq!(format!("{context:?}"), r#"{"first", "second"}"#);
}

#[test]
fn tokio_tasks_get_the_current_context() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(ID.scope("request", async {
        let seen = propagate_context::task::spawn(async { ID.get() })
            .await
            .unwrap();
        assert_eq!(seen, Some("request"));
        let seen = propagate_context::task::spawn_blocking(|| ID.get())
            .await
            .unwrap();
        assert_eq!(seen, Some("request"));
        let local = tokio::task::LocalSet::new();
        let seen = local.run_until(async {
            ID.scope("local", async {
                propagate_context::task::spawn_local(async { ID.get() })
                    .await
                    .unwrap()
            })
            .await
        });
        assert_eq!(seen.await, Some("local"));
        ready(()).await;
    }));
}
