//! R2: a write is visible to all code of its scope from then on, including callers, and to no other code. Outside of
//! every scope, writes fail. A token resets exactly the write that returned it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use futures::future::join_all;
use propagate_context::{Context, ContextVar, Propagate};
use propagate_context_tests::poll_once;

static USER: ContextVar<&str> = ContextVar::new("user");
static OTHER: ContextVar<u32> = ContextVar::new("other");

#[test]
fn a_write_is_seen_by_callers_after_the_setter_returned() {
    async fn authenticate() {
        tokio::task::yield_now().await;
        USER.set("alice");
    }
    let seen = futures::executor::block_on(Context::empty().scope(async {
        authenticate().await;
        tokio::task::yield_now().await;
        USER.get()
    }));
    assert_eq!(seen, Some("alice"));
}

#[test]
fn a_write_is_not_seen_by_the_enclosing_scope() {
    USER.sync_scope("outer", || {
        Context::current().sync_scope(|| {
            USER.set("inner");
            assert_eq!(USER.get(), Some("inner"));
        });
        OTHER.sync_scope(1, || USER.set("inner"));
        assert_eq!(USER.get(), Some("outer"));
    });
}

#[test]
fn a_write_is_not_seen_by_earlier_children() {
    USER.sync_scope("before", || {
        let child = Context::current().wrap(|| USER.get());
        let snapshot = Context::current();
        USER.set("after");
        assert_eq!(child(), Some("before"));
        assert_eq!(snapshot.get(&USER), Some("before"));
        assert_eq!(Context::current().get(&USER), Some("after"));
    });
}

#[test]
fn a_write_survives_a_change_of_thread() {
    let mut future = Box::pin(Context::empty().scope(async {
        USER.set("alice");
        tokio::task::yield_now().await;
        USER.get()
    }));
    assert!(poll_once(&mut future).is_pending());
    let seen = std::thread::spawn(move || futures::executor::block_on(future))
        .join()
        .unwrap();
    assert_eq!(seen, Some("alice"));
}

#[test]
fn writes_outside_every_scope_fail() {
    let error = USER.try_set("leak").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`user` was set outside every scope; open one"),
        "{error}"
    );
    assert_eq!(USER.get(), None);
    let panic = catch_unwind(|| USER.set("leak")).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&error.to_string()));
}

#[test]
fn futures_joined_in_one_task_share_its_scope() {
    let seen = futures::executor::block_on(Context::empty().scope(async {
        let set = async |name| {
            USER.set(name);
            tokio::task::yield_now().await;
            USER.get()
        };
        join_all([set("a"), set("b")]).await
    }));
    assert_eq!(seen, [Some("b"), Some("b")]);
}

#[test]
fn futures_joined_in_their_own_scopes_share_nothing() {
    let seen = futures::executor::block_on(Context::empty().scope(async {
        let read = |name| {
            USER.scope(name, async {
                tokio::task::yield_now().await;
                USER.get()
            })
        };
        join_all([read("a"), read("b")]).await
    }));
    assert_eq!(seen, [Some("a"), Some("b")]);
}

#[test]
fn a_token_resets_its_own_write() {
    Context::empty().sync_scope(|| {
        let first = USER.set("first");
        let second = USER.set("second");
        second.reset();
        assert_eq!(USER.get(), Some("first"));
        first.reset();
        assert_eq!(USER.get(), None);
    });
}

#[test]
fn a_token_does_nothing_after_a_later_write() {
    Context::empty().sync_scope(|| {
        let first = USER.set("same");
        USER.set("same");
        first.reset();
        assert_eq!(USER.get(), Some("same"));
    });
}

#[test]
fn a_token_of_one_request_does_nothing_in_another() {
    let token = USER.sync_scope("request 1", || USER.set("admin"));
    USER.sync_scope("request 2", || {
        token.reset();
        assert_eq!(USER.get(), Some("request 2"));
    });
    let token = USER.sync_scope("request 1", || USER.set("admin"));
    token.reset();
    assert_eq!(USER.get(), None);
}

/// The value in the other request is equal, but equal values are not identical.
#[test]
fn a_token_compares_values_by_identity() {
    let token = USER.sync_scope("before", || USER.set("admin"));
    Context::empty().sync_scope(|| {
        USER.set("admin");
        token.reset();
        assert_eq!(USER.get(), Some("admin"));
    });
}

#[test]
fn a_token_in_a_child_resets_an_inherited_value() {
    USER.sync_scope("before", || {
        let token = USER.set("after");
        let child = Context::current().wrap(move || {
            token.reset();
            USER.get()
        });
        assert_eq!(child(), Some("before"));
        assert_eq!(
            USER.get(),
            Some("after"),
            "the child's reset reached its parent"
        );
    });
}

#[test]
fn a_write_ends_with_its_scope_during_unwinding() {
    USER.sync_scope("outer", || {
        let inner = AssertUnwindSafe(|| {
            Context::current().sync_scope(|| {
                USER.set("inner");
                panic!("on purpose");
            });
        });
        assert!(catch_unwind(inner).is_err());
        assert_eq!(USER.get(), Some("outer"));
    });
}

#[test]
fn concurrent_tasks_do_not_see_each_others_writes() {
    let mut a = pin!(Context::empty().scope(write("a")));
    let mut b = pin!(async { write("b").await }.in_context(Context::empty()));
    assert!(poll_once(&mut a).is_pending());
    assert!(poll_once(&mut b).is_pending());
    assert_eq!(futures::executor::block_on(a), Some("a"));
    assert_eq!(futures::executor::block_on(b), Some("b"));
}

async fn write(name: &'static str) -> Option<&'static str> {
    USER.set(name);
    tokio::task::yield_now().await;
    USER.get()
}
