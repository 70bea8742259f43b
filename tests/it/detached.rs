//! `#[detached]` on a statement or expression spawns with the empty context.

use propagate_context::{ContextVar, propagate_context};
use tokio::task::JoinSet;

static ID: ContextVar<u32> = ContextVar::new("id");

async fn read() -> Option<u32> {
    tokio::task::yield_now().await;
    ID.get()
}

#[propagate_context]
async fn annotated() -> Option<u32> {
    ID.get()
}

#[tokio::test]
async fn spawns() {
    #[propagate_context]
    async fn test() {
        #[detached]
        let plain = tokio::spawn(read());
        assert_eq!(plain.await.unwrap(), None);
        let literal = #[detached]
        tokio::spawn(async { read().await });
        assert_eq!(literal.await.unwrap(), None);
        // The callee does not enter the context that was current at its call either.
        #[detached]
        let callee = tokio::spawn(annotated());
        assert_eq!(callee.await.unwrap(), None);
        // Spawns without the attribute are not affected.
        assert_eq!(tokio::spawn(read()).await.unwrap(), Some(7));
    }
    ID.scope(7, test()).await;
}

#[tokio::test]
async fn closures_and_methods() {
    #[propagate_context]
    async fn test() {
        let seen = #[detached]
        tokio::task::spawn_blocking(|| ID.get()).await;
        assert_eq!(seen.unwrap(), None);
        let seen = #[detached]
        std::thread::spawn(move || ID.get()).join();
        assert_eq!(seen.unwrap(), None);
        let mut set = JoinSet::new();
        #[detached]
        set.spawn(async { ID.get() });
        #[detached]
        set.spawn(annotated());
        while let Some(seen) = set.join_next().await {
            assert_eq!(seen.unwrap(), None);
        }
    }
    ID.scope(7, test()).await;
}

#[tokio::test]
async fn blocks_and_arguments() {
    #[propagate_context]
    async fn test(twice: bool) {
        let mut seen = Vec::new();
        #[detached]
        if twice {
            seen.push(tokio::spawn(annotated()).await.unwrap());
            seen.push(tokio::spawn(read()).await.unwrap());
        }
        seen.push(tokio::spawn(read()).await.unwrap());
        let both = tokio::join!(
            #[detached]
            tokio::spawn(annotated()),
            tokio::spawn(annotated())
        );
        seen.extend([both.0.unwrap(), both.1.unwrap()]);
        assert_eq!(seen, [None, None, Some(7), None, Some(7)]);
    }
    ID.scope(7, test(true)).await;
}

#[test]
fn match_arms_and_fields() {
    struct Both<T> {
        left: T,
        right: T,
    }

    #[propagate_context]
    fn arm(n: u32) -> Option<u32> {
        let handle = match n {
            #[detached]
            1 => std::thread::spawn(|| ID.get()),
            #[detached]
            2 | 3 => {
                let handle = std::thread::spawn(|| ID.get());
                assert_eq!(handle.join().unwrap(), None);
                std::thread::spawn(|| None)
            }
            _ => std::thread::spawn(|| ID.get()),
        };
        handle.join().unwrap()
    }
    #[propagate_context]
    fn field() -> [Option<u32>; 2] {
        let both = Both {
            left: std::thread::spawn(|| ID.get()),
            #[detached]
            right: std::thread::spawn(|| ID.get()),
        };
        [both.left, both.right].map(|handle| handle.join().unwrap())
    }
    ID.sync_scope(7, || {
        assert_eq!([1, 2, 4].map(arm), [None, None, Some(7)]);
        assert_eq!(field(), [Some(7), None]);
    });
}

#[test]
fn annotated_closures() {
    #[propagate_context]
    fn test() {
        #[detached]
        let job = #[propagate_context]
        move || ID.get();
        assert_eq!(job(), None);
    }
    ID.sync_scope(7, test);
}

#[tokio::test]
async fn functions() {
    #[propagate_context(detached)]
    async fn worker() -> Option<u32> {
        ID.set(1);
        tokio::spawn(read()).await.unwrap()
    }
    #[propagate_context(detached)]
    fn cleaner() -> Option<u32> {
        let found = ID.get();
        ID.set(2);
        found
    }
    #[propagate_context]
    async fn test() {
        assert_eq!(worker().await, Some(1));
        assert_eq!(cleaner(), None);
        assert_eq!(ID.get(), Some(7));
    }
    ID.scope(7, test()).await;
}
