//! `tokio::task_local!`: three keys of three values, and one key of a shared struct. It has no `set`: another
//! value takes another scope.

use std::hint::black_box;
use std::sync::Arc;

use crate::memory::{More, more};
use crate::threads::on_two_threads;
use crate::{Case, Run, SIZES, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly};

const KEYS: &str = "tokio, three keys";
const STRUCT: &str = "tokio, struct";

tokio::task_local! {
    static ID: u64;
    static USER: u64;
    static TENANT: u64;
    /// Represents a struct with so many fields.
    static ALL: Arc<Vec<u64>>;
    /// Represents a struct that contains a string.
    static NAMED: Arc<Vec<String>>;
}

fn in_keys<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let (id, user, tenant) = (ID.get(), USER.get(), TENANT.get());
    ID.scope(id, USER.scope(user, TENANT.scope(tenant, future)))
}

fn in_struct<F: Future>(future: F) -> impl Future<Output = F::Output> {
    ALL.scope(ALL.get(), future)
}

fn within_keys(mut run: impl FnMut(u32) + 'static) -> Run {
    Box::new(move |times| {
        ID.sync_scope(1, || {
            USER.sync_scope(1, || TENANT.sync_scope(1, || run(times)));
        });
    })
}

fn within(size: usize, run: impl FnMut(u32) + 'static) -> Run {
    in_scope(Arc::new(vec![1; size]), run)
}

fn in_scope(all: Arc<Vec<u64>>, mut run: impl FnMut(u32) + 'static) -> Run {
    Box::new(move |times| ALL.sync_scope(all.clone(), || run(times)))
}

fn captures(times: u32) {
    for _ in 0..times {
        black_box(ALL.get());
    }
}

fn reads(times: u32) {
    for _ in 0..times {
        black_box(ALL.with(|all| all[0]));
    }
}

fn entries(all: Arc<Vec<u64>>) -> Run {
    Box::new(move |times| {
        for _ in 0..times {
            black_box(ALL.sync_scope(black_box(&all).clone(), || black_box(1)));
        }
    })
}

pub(crate) fn sizes() -> Vec<(&'static str, More)> {
    let keys = ID.sync_scope(1, || {
        USER.sync_scope(1, || TENANT.sync_scope(1, || more!(in_keys)))
    });
    let all = ALL.sync_scope(Arc::new(vec![1; 3]), || more!(in_struct));
    vec![(KEYS, keys), (STRUCT, all)]
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new("poll", KEYS, || {
            poll_repeatedly(ID.scope(1, USER.scope(1, TENANT.scope(1, Ticks::default()))))
        }),
        Case::new("poll", STRUCT, || {
            poll_repeatedly(ALL.scope(Arc::new(vec![1; 3]), Ticks::default()))
        }),
        Case::new("poll, 64 in turn", KEYS, || {
            poll_in_turn(|| ID.scope(1, USER.scope(1, TENANT.scope(1, Ticks::default()))))
        }),
        Case::new("poll, 64 in turn", STRUCT, || {
            let all = Arc::new(vec![1; 3]);
            poll_in_turn(move || ALL.scope(all.clone(), Ticks::default()))
        }),
        Case::new("re-entry", STRUCT, || entries(Arc::new(vec![1; 3]))),
        Case::new("re-entry, two threads", STRUCT, || {
            let all = Arc::new(vec![1; 3]);
            on_two_threads(move || entries(all.clone()))
        })
        .timed_only(),
        Case::new("read, two threads", STRUCT, || {
            let all = Arc::new(vec![1; 3]);
            on_two_threads(move || in_scope(all.clone(), reads))
        })
        .timed_only(),
        Case::new("capture, two threads", STRUCT, || {
            let all = Arc::new(vec![1; 3]);
            on_two_threads(move || in_scope(all.clone(), captures))
        })
        .timed_only(),
        Case::new("read cloned String", STRUCT, || {
            let named = Arc::new(vec![crate::NAME.to_owned()]);
            Box::new(move |times| {
                NAMED.sync_scope(named.clone(), || {
                    for _ in 0..times {
                        black_box(NAMED.with(|named| named[0].clone()));
                    }
                });
            })
        }),
        Case::new("call", STRUCT, || {
            async fn callee(n: u64) -> u64 {
                ALL.scope(ALL.get(), async { black_box(n) }).await
            }
            within(3, |times| {
                poll_once(async {
                    for _ in 0..times {
                        black_box(callee(black_box(1)).await);
                    }
                });
            })
        }),
        Case::new("capture", STRUCT, || within(3, captures)),
        Case::new("spawn", KEYS, || {
            let run = spawn_repeatedly(|| tokio::spawn(in_keys(async { black_box(1) })));
            within_keys(run)
        }),
        Case::new("spawn", STRUCT, || {
            let run = spawn_repeatedly(|| tokio::spawn(in_struct(async { black_box(1) })));
            within(3, run)
        }),
    ];
    cases.push(
        Case::new("spawn_blocking", STRUCT, || {
            let run = spawn_repeatedly(|| {
                let all = ALL.get();
                tokio::task::spawn_blocking(move || ALL.sync_scope(all, || black_box(1)))
            });
            within(3, run)
        })
        .timed_only(),
    );
    for size in SIZES {
        cases.push(Case::new(format!("read/{size}"), STRUCT, move || {
            within(size, reads)
        }));
        cases.push(Case::new(format!("scope/{size}"), STRUCT, move || {
            within(size, |times| {
                for n in 0..times {
                    let mut all = ALL.with(|all| Vec::clone(all));
                    all[0] = n.into();
                    ALL.sync_scope(Arc::new(all), || black_box(()));
                }
            })
        }));
    }
    cases
}
