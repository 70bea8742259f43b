//! Whatever goes wrong, code sees its own context or none, the thread is clean afterwards, and nothing aborts.
//!
//! `cargo test -p propagate-context-faults -- --nocapture` prints the tables.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::time::Duration;

use propagate_context::{Context, ContextVar, Propagate};
use propagate_context_faults::abort::{self, TURNS, Task};
use propagate_context_faults::value::{Does, In, use_in_every_way};
use propagate_context_faults::{ID, Looks, Seen, end, thread_is_clean, way};
use tokio::runtime::{Builder, Runtime};

#[test]
fn every_end_of_a_job_is_seen_in_its_own_scope() {
    println!(
        "{:36}{}",
        "",
        way::ALL.map(|(name, _)| format!("{name:20}")).concat()
    );
    let mut wrong = Vec::new();
    for (end, run) in end::ALL {
        let cells = way::ALL.map(|(way, wrap)| {
            let seen = Seen::default();
            run(&seen, wrap);
            let all = seen.all();
            let own = all.iter().filter(|seen| **seen == Some("own")).count();
            let clean = thread_is_clean();
            if own != all.len() || own == 0 || !clean {
                wrong.push(format!("{end}, {way}: {all:?}, thread clean: {clean}"));
            }
            format!("{:20}", format!("{own} of {} own", all.len()))
        });
        println!("{end:36}{}", cells.concat());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Aborted from another request's scope before its first poll and at each of its awaits.
#[test]
fn an_aborted_task_sees_its_own_scope_at_each_await() {
    let names = way::ALL.map(|(name, _)| format!("{name:20}")).concat();
    println!("{:36}{names}", "");
    let mut wrong = Vec::new();
    for (abort, run) in abort::ALL {
        let cells = way::ALL.map(|(name, way)| {
            let (mut own, mut total) = (0, 0);
            // The scope of `set(..)` does not exist before the first poll, and nothing is captured here.
            let first = usize::from(name == "set(..)");
            for polls in first..=TURNS + 1 {
                let seen = Seen::default();
                run(&Task {
                    seen: seen.clone(),
                    way,
                    polls,
                });
                let all = seen.all();
                let clean = thread_is_clean();
                let here = all.iter().filter(|seen| **seen == Some("own")).count();
                if here != all.len() || here == 0 || !clean {
                    wrong.push(format!("{abort}, {name}, {polls} polls: {all:?}, {clean}"));
                }
                own += here;
                total += all.len();
            }
            format!("{:20}", format!("{own} of {total} own"))
        });
        println!("{abort:36}{}", cells.concat());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Closures that wait for a thread when their runtime is shut down in another request's scope are never called.
#[test]
fn a_blocking_closure_that_is_never_called_is_dropped_in_its_own_scope() {
    let shutdowns: [fn(Runtime); 3] = [drop, Runtime::shutdown_background, |runtime| {
        runtime.shutdown_timeout(Duration::from_secs(60));
    }];
    for shutdown in shutdowns {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .expect("a runtime");
        let seen = Seen::default();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (start, started) = std::sync::mpsc::channel();
        let entered = runtime.enter();
        tokio::task::spawn_blocking(move || {
            start.send(()).expect("it is waited for");
            released.recv().expect_err("nothing is sent");
        });
        started.recv().expect("it begins");
        let looks = Looks(seen.clone());
        let (alive, dropped) = std::sync::mpsc::channel::<()>();
        ID.sync_scope("own", || {
            propagate_context::task::spawn_blocking(move || {
                let (_looks, _alive) = (looks, alive);
                unreachable!("no thread is free");
            })
        })
        .abort();
        drop(entered);
        drop(release);
        ID.sync_scope("foreign", || shutdown(runtime));
        dropped.recv().expect_err("nothing is sent");
        assert_eq!(seen.all(), [Some("own")]);
        assert!(thread_is_clean());
    }
}

#[test]
fn values_whose_code_misbehaves_leave_the_thread_clean() {
    println!(
        "{:10}{:>10}{:>10}{:>10}{:>10}",
        "", "read", "set", "enter", "panic"
    );
    for at in [In::Drop, In::Clone, In::Display] {
        let cells = [Does::Read, Does::Set, Does::Enter, Does::Panic].map(|does| {
            let end = catch_unwind(AssertUnwindSafe(|| use_in_every_way(at, does)));
            assert!(
                end.is_ok() || does == Does::Panic,
                "{at:?} {does:?} panicked"
            );
            assert!(thread_is_clean(), "{at:?} {does:?}");
            let foreign = ID.sync_scope("next", || ID.get());
            assert_eq!(foreign, Some("next"), "{at:?} {does:?}");
            if end.is_ok() { "whole" } else { "unwound" }
        });
        println!(
            "{:10}{}",
            format!("{at:?}"),
            cells.map(|cell| format!("{cell:>10}")).concat()
        );
    }
}

/// Runs `f` with a stack that is large enough for the recursion.
fn with_a_large_stack(f: impl FnOnce() + Send) {
    let large = std::thread::Builder::new().stack_size(512 << 20);
    std::thread::scope(|scope| {
        large
            .spawn_scoped(scope, f)
            .expect("a thread")
            .join()
            .expect("it ends");
    });
}

const DEEP: u32 = 10_000;

#[test]
fn ten_thousand_scopes_in_each_other() {
    static DEPTH: ContextVar<u32> = ContextVar::new("depth");
    fn go_down(depth: u32) {
        if depth == DEEP {
            return;
        }
        DEPTH.sync_scope(depth, || {
            go_down(depth + 1);
            assert_eq!(DEPTH.get(), Some(depth));
        });
    }
    with_a_large_stack(|| {
        go_down(0);
        assert_eq!(DEPTH.get(), None);
        let mut future: Pin<Box<dyn Future<Output = Option<u32>>>> =
            Box::pin(async { DEPTH.get() });
        for depth in 0..DEEP {
            future = Box::pin(DEPTH.scope(DEEP - depth, future));
        }
        // The innermost one was made first.
        assert_eq!(
            futures::executor::block_on(future.in_context(Context::empty())),
            Some(DEEP)
        );
        assert_eq!(DEPTH.get(), None);
    });
}
