//! R2, R6: a read borrows its value while its closure runs. Inside the closure, everything works as outside of it:
//! reads, writes, scopes, snapshots and panics, at any nesting.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::executor::block_on;
use propagate_context::{Context, ContextVar, Propagate, Token, propagate_context, visit_logged};
use propagate_context_tests::{OnDrop, Seen};

static ID: ContextVar<u32> = ContextVar::new("id").logged();
static N: ContextVar<u32> = ContextVar::new("n").logged();

#[propagate_context]
async fn annotated() -> (Option<u32>, Option<u32>) {
    tokio::task::yield_now().await;
    (ID.get(), N.get())
}

#[test]
fn a_write_inside_a_read_is_visible_inside_and_afterwards() {
    ID.sync_scope(1, || {
        ID.with(|id| {
            assert_eq!((id, ID.get()), (Some(&1), Some(1)));
            ID.set(2);
            N.set(3);
            // The borrowed value does not change.
            assert_eq!((id, ID.get(), N.get()), (Some(&1), Some(2), Some(3)));
            ID.with(|id| assert_eq!(id, Some(&2)));
        });
        assert_eq!((ID.get(), N.get()), (Some(2), Some(3)));
    });
    assert_eq!((ID.get(), N.get()), (None, None));
}

#[test]
fn scopes_and_futures_inside_a_read() {
    ID.sync_scope(1, || {
        ID.with(|_| {
            N.sync_scope(2, || {
                assert_eq!((ID.get(), N.get()), (Some(1), Some(2)));
                N.set(3);
                N.with(|n| assert_eq!((n, ID.get()), (Some(&3), Some(1))));
                ID.set(9);
            });
            assert_eq!((ID.get(), N.get()), (Some(1), None));
            assert_eq!(block_on(annotated()), (Some(1), None));
            assert_eq!(block_on(N.scope(4, annotated())), (Some(1), Some(4)));
            assert_eq!(block_on(annotated().in_current_context()), (Some(1), None));
            assert_eq!(Context::empty().sync_scope(|| ID.get()), None);
            assert_eq!(Context::current().get(&ID), Some(1));
        });
        assert_eq!((ID.get(), N.get()), (Some(1), None));
    });
}

#[test]
fn children_captured_inside_a_read_do_not_see_later_writes() {
    ID.sync_scope(1, || {
        let (before, after) = ID.with(|_| {
            let before = Context::current();
            ID.set(2);
            (before, Context::current())
        });
        ID.set(3);
        assert_eq!(
            (before.get(&ID), after.get(&ID), ID.get()),
            (Some(1), Some(2), Some(3))
        );
    });
}

#[test]
fn a_token_is_reset_inside_a_read() {
    ID.sync_scope(1, || {
        let token = ID.set(2);
        ID.with(|id| {
            token.reset();
            assert_eq!((id, ID.get()), (Some(&2), Some(1)));
        });
        assert_eq!(ID.get(), Some(1));
    });
}

#[test]
fn a_panic_inside_a_read_changes_nothing() {
    ID.sync_scope(1, || {
        for sets in [false, true] {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                ID.with(|_| {
                    N.sync_scope(5, || {
                        N.with(|_| {
                            N.set(6);
                            if sets {
                                assert_eq!(N.get(), Some(6));
                            }
                            panic!("on purpose");
                        })
                    })
                })
            }));
            assert!(panicked.is_err());
            assert_eq!((ID.get(), N.get()), (Some(1), None));
            let panicked = catch_unwind(|| {
                ID.with(|_| {
                    ID.set(7);
                    panic!("on purpose");
                })
            });
            assert!(panicked.is_err());
            assert_eq!(ID.get(), Some(7));
            ID.set(1);
        }
    });
    assert!(ID.try_set(1).is_err());
}

#[test]
fn a_read_outside_every_scope_opens_no_scope() {
    ID.with(|id| {
        assert_eq!(id, None);
        assert!(ID.try_set(1).is_err());
        ID.sync_scope(2, || assert_eq!(ID.get(), Some(2)));
        assert_eq!(ID.get(), None);
    });
}

/// A value that is replaced by a `set` inside a read is dropped after the scope has been restored.
#[test]
fn values_that_are_replaced_inside_a_read() {
    type Value = OnDrop<Box<dyn FnMut() + Send + Sync>>;
    static VALUE: ContextVar<Value> = ContextVar::new("value");
    let seen = Seen::default();
    let value = || -> Value {
        let seen = seen.clone();
        OnDrop(Box::new(move || {
            seen.note(ID.get());
            // A destructor may run any code.
            let _ = N.try_set(1);
            N.sync_scope(2, || assert_eq!(N.get(), Some(2)));
        }))
    };
    ID.sync_scope(1, || {
        VALUE.sync_scope(value(), || {
            VALUE.with(|held| {
                assert!(held.is_some());
                drop(VALUE.set(value()));
                assert_eq!(seen.take(), [], "it is borrowed");
            });
            assert_eq!(seen.take(), [Some(1)]);
        });
    });
    assert_eq!(seen.take(), [Some(1)]);
}

#[test]
fn lines_logged_inside_a_read_have_the_variables() {
    fn line() -> String {
        let mut values = Vec::new();
        visit_logged(|name, value| values.push(format!("{name}={value} ")));
        values.sort(); // Their order is that of first use, possibly in another test.
        values.concat()
    }
    ID.sync_scope(1, || {
        visit_logged(|_, _| {
            assert_eq!(line(), "id=1 ");
            N.set(2);
            assert_eq!(line(), "id=1 n=2 ");
        });
        assert_eq!(line(), "id=1 n=2 ");
    });
}

/// Random programs, compared with a stack of maps.
#[test]
fn random_programs_behave_like_a_stack_of_maps() {
    static VARS: [ContextVar<u32>; 12] = [const { ContextVar::new("var") }; 12];

    type Map = BTreeMap<usize, u32>;

    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }
    }

    struct Program {
        random: Random,
        next: u32,
        snapshots: Vec<(Context, Map)>,
    }

    fn check(map: &Map) {
        for (at, var) in VARS.iter().enumerate() {
            assert_eq!(var.get(), map.get(&at).copied());
        }
    }

    impl Program {
        fn run(&mut self, map: &mut Map, depth: u32) {
            let mut tokens: Vec<(usize, u32, Option<u32>, Token<u32>)> = Vec::new();
            for _ in 0..self.random.below(6) {
                let at = usize::try_from(self.random.below(12)).unwrap();
                self.next += 1;
                match self.random.below(if depth == 0 { 3 } else { 7 }) {
                    0 => {
                        let token = VARS[at].set(self.next);
                        tokens.push((at, self.next, map.insert(at, self.next), token));
                    }
                    1 => {
                        if let Some((at, set, before, token)) = tokens.pop() {
                            token.reset();
                            if map.get(&at) == Some(&set) {
                                match before {
                                    Some(before) => map.insert(at, before),
                                    None => map.remove(&at),
                                };
                            }
                        }
                    }
                    2 => self.snapshots.push((Context::current(), map.clone())),
                    3 | 4 => VARS[at].with(|value| {
                        let before = value.copied();
                        assert_eq!(before, map.get(&at).copied());
                        self.run(map, depth - 1);
                        assert_eq!(value.copied(), before);
                    }),
                    5 => {
                        let mut inner = map.clone();
                        inner.insert(at, self.next);
                        VARS[at].sync_scope(self.next, || self.run(&mut inner, depth - 1));
                    }
                    _ => {
                        let panicked = catch_unwind(AssertUnwindSafe(|| {
                            VARS[at].with(|_| {
                                self.run(map, depth - 1);
                                std::panic::resume_unwind(Box::new(()));
                            })
                        }));
                        assert!(panicked.is_err());
                    }
                }
                check(map);
            }
        }
    }

    for seed in 1..3_000 {
        let mut program = Program {
            random: Random(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15)),
            next: 0,
            snapshots: Vec::new(),
        };
        let mut map = Map::new();
        Context::empty().sync_scope(|| program.run(&mut map, 4));
        for (snapshot, map) in program.snapshots {
            snapshot.sync_scope(|| check(&map));
        }
        check(&Map::new());
    }
}
