//! Whatever goes wrong, code sees its own context or none, the thread is clean after, and nothing aborts.
//!
//! `cargo test -p propagate-context-faults -- --nocapture` prints the tables.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use propagate_context::{Context, ContextVar, Propagate};
use propagate_context_faults::value::{Does, In, use_in_every_way};
use propagate_context_faults::{ID, Seen, end, thread_is_clean, way};

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

/// Runs `f` where there is room for that much recursion.
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
