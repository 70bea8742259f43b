//! R7: interleaved scopes never mix, even if the scope that was entered first ends first.

use std::pin::pin;

use propagate_context::ContextVar;
use propagate_context_tests::poll_once;
use tokio::sync::oneshot;

static ID: ContextVar<&str> = ContextVar::new("id");

/// Reads before and after waiting.
async fn request(gate: oneshot::Receiver<()>) -> [Option<&'static str>; 2] {
    let before = ID.get();
    gate.await.unwrap();
    [before, ID.get()]
}

#[test]
fn the_scope_that_was_entered_first_can_end_first() {
    let (open_a, gate_a) = oneshot::channel();
    let (open_b, gate_b) = oneshot::channel();
    let mut a = pin!(ID.scope("a", request(gate_a)));
    let mut b = pin!(ID.scope("b", request(gate_b)));
    assert!(poll_once(&mut a).is_pending());
    assert!(poll_once(&mut b).is_pending());
    open_a.send(()).unwrap();
    assert_eq!(futures::executor::block_on(a), [Some("a"); 2]);
    assert_eq!(ID.get(), None);
    assert!(poll_once(&mut b).is_pending());
    open_b.send(()).unwrap();
    assert_eq!(futures::executor::block_on(b), [Some("b"); 2]);
    assert_eq!(ID.get(), None);
}

#[test]
fn an_inner_scope_can_outlive_the_outer_scope() {
    let (open, gate) = oneshot::channel();
    let mut inner = Box::pin(ID.scope("inner", request(gate)));
    ID.sync_scope("outer", || {
        assert!(poll_once(&mut inner).is_pending());
        assert_eq!(ID.get(), Some("outer"));
    });
    open.send(()).unwrap();
    ID.sync_scope("another", || {
        assert_eq!(futures::executor::block_on(&mut inner), [Some("inner"); 2]);
        assert_eq!(ID.get(), Some("another"));
    });
}
