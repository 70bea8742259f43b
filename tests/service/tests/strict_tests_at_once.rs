//! Strict tests and others run at the same time without affecting each other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use propagate_context::testing::{Finished, Test};
use propagate_context_service::{TENANT, place};
use tokio::runtime::Builder;

#[test]
fn sixteen_tests_at_once() {
    let together = Barrier::new(16);
    thread::scope(|scope| {
        for n in 0..16 {
            let together = &together;
            scope.spawn(move || {
                let is_strict = n % 2 == 0;
                let runtime = Builder::new_current_thread().build().unwrap();
                let test = Test::new().with(&TENANT, format!("tenant-{n}"));
                let test = if is_strict { test.strict() } else { test };
                let Finished { result, logs, .. } = runtime.block_on(test.run(async {
                    together.wait(); // all of them are in their tests
                    let read = tokio::spawn(async { TENANT.get() }).await;
                    together.wait(); // none of them has finished
                    place(1).await;
                    read
                }));
                assert_eq!(result.is_err(), is_strict, "{n}");
                logs.assert_each_has("tenant", &format!("tenant-{n}"));
                // It ends with the test.
                assert_eq!(TENANT.get(), None);
            });
        }
    });
}

#[test]
fn it_ends_with_a_test_that_panics_and_spans_nested_ones() {
    let outer = Test::new().strict().run_sync(|| {
        let inner = catch_unwind(AssertUnwindSafe(|| {
            Test::new().strict().run_sync(|| panic!("on purpose"))
        }));
        assert!(inner.is_err());
        let read = || thread::spawn(|| TENANT.get()).join();
        assert_eq!(
            read().unwrap(),
            None,
            "a thread of its own is no part of the test"
        );
        catch_unwind(|| propagate_context::Context::empty().sync_scope(|| TENANT.get()))
    });
    assert_eq!(
        outer.result.unwrap(),
        None,
        "a scope without the value is a scope"
    );
    assert_eq!(TENANT.get(), None);
}
