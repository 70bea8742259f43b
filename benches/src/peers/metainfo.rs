//! metainfo: values that are identified by their types, in a `task_local!` of tokio.

use std::cell::RefCell;
use std::hint::black_box;

use metainfo::{METAINFO, MetaInfo};

use super::typed::{Typed, of_each_type};
use crate::memory::{More, more};
use crate::{
    Case, Run, SMALL_SIZES, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly,
};

const METAINFO_: &str = "metainfo";

fn add<const ROW: usize, const COLUMN: usize>(info: &mut MetaInfo) {
    info.insert(Typed::<ROW, COLUMN>(1));
}

fn info(size: usize) -> RefCell<MetaInfo> {
    let add: Vec<fn(&mut MetaInfo)> = of_each_type!(add);
    let mut info = MetaInfo::new();
    add.iter().take(size).for_each(|add| add(&mut info));
    RefCell::new(info)
}

/// What a child inherits: both continue from a shared parent.
fn derived() -> RefCell<MetaInfo> {
    METAINFO.with(|current| {
        let (own, child) = current.take().derive();
        current.replace(own);
        RefCell::new(child)
    })
}

fn within(size: usize, mut run: impl FnMut(u32) + 'static) -> Run {
    let mut info = Some(info(size));
    Box::new(move |times| {
        METAINFO.sync_scope(info.take().unwrap_or_default(), || {
            run(times);
            info = Some(RefCell::new(METAINFO.with(RefCell::take)));
        });
    })
}

pub(crate) fn sizes() -> (&'static str, More) {
    let more = METAINFO.sync_scope(
        info(3),
        || more!(|future| METAINFO.scope(derived(), future)),
    );
    (METAINFO_, more)
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new("poll", METAINFO_, || {
            poll_repeatedly(METAINFO.scope(info(3), Ticks::default()))
        }),
        Case::new("poll, 64 in turn", METAINFO_, || {
            poll_in_turn(|| METAINFO.scope(info(3), Ticks::default()))
        }),
        Case::new("call", METAINFO_, || {
            async fn callee(n: u64) -> u64 {
                METAINFO.scope(derived(), async { black_box(n) }).await
            }
            within(3, |times| {
                poll_once(async {
                    for _ in 0..times {
                        black_box(callee(black_box(1)).await);
                    }
                });
            })
        }),
        Case::new("capture", METAINFO_, || {
            within(3, |times| {
                for _ in 0..times {
                    black_box(derived());
                }
            })
        }),
        Case::new("spawn", METAINFO_, || {
            let run = spawn_repeatedly(|| {
                tokio::spawn(METAINFO.scope(derived(), async { black_box(1) }))
            });
            within(3, run)
        }),
    ];
    cases.push(
        Case::new("spawn_blocking", METAINFO_, || {
            let run = spawn_repeatedly(|| {
                let info = derived();
                tokio::task::spawn_blocking(move || METAINFO.sync_scope(info, || black_box(1)))
            });
            within(3, run)
        })
        .timed_only(),
    );
    for size in SMALL_SIZES {
        cases.push(Case::new(format!("read/{size}"), METAINFO_, move || {
            within(size, |times| {
                for _ in 0..times {
                    METAINFO.with(|info| {
                        black_box(info.borrow().get::<Typed<0, 0>>().map(|typed| typed.0))
                    });
                }
            })
        }));
        cases.push(Case::new(format!("set/{size}"), METAINFO_, move || {
            within(size, |times| {
                for n in 0..times {
                    METAINFO.with(|info| info.borrow_mut().insert(Typed::<0, 0>(n.into())));
                }
            })
        }));
        cases.push(Case::new(format!("scope/{size}"), METAINFO_, move || {
            within(size, |times| {
                for n in 0..times {
                    let child = derived();
                    child.borrow_mut().insert(Typed::<0, 0>(n.into()));
                    METAINFO.sync_scope(child, || black_box(()));
                }
            })
        }));
    }
    cases
}
