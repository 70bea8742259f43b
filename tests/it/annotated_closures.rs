//! An annotated closure captures the context where it is created and enters it where it is called, regardless of the
//! function that it is passed to.

use std::thread;

use propagate_context::{ContextVar, propagate_context};

static ID: ContextVar<u32> = ContextVar::new("id");

/// An executor that calls closures on another thread.
fn elsewhere<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let handle = thread::Builder::new().spawn_scoped(scope, f);
        handle.unwrap().join().unwrap()
    })
}

#[test]
fn move_closures() {
    #[propagate_context]
    fn test() {
        let name = String::from("name");
        let job = #[propagate_context]
        move || (name.len(), ID.get());
        assert_eq!(elsewhere(job), (4, Some(7)));
        assert_eq!(elsewhere(|| ID.get()), None);
    }
    ID.sync_scope(7, test);
}

#[test]
fn borrowing_closures() {
    #[propagate_context]
    fn test() {
        let mut seen = Vec::new();
        elsewhere(
            #[propagate_context]
            || seen.push(ID.get()),
        );
        assert_eq!(seen, [Some(7)]);
    }
    ID.sync_scope(7, test);
}

#[test]
fn keeps_the_closure_traits() {
    fn shared(f: impl Fn(u32) -> Option<u32> + Clone + Send + Sync + 'static) -> Option<u32> {
        let again = f.clone();
        elsewhere(move || f(1));
        elsewhere(move || again(2))
    }
    fn exclusive(mut f: impl FnMut() -> u32 + Send) -> u32 {
        elsewhere(&mut f);
        elsewhere(f)
    }
    fn higher_ranked(f: impl Fn(&str) -> usize + Send) -> usize {
        elsewhere(move || f("four"))
    }

    #[propagate_context]
    fn test() {
        let read = shared(
            #[propagate_context]
            move |more| ID.get().map(|id| id + more),
        );
        assert_eq!(read, Some(9));
        let mut count = 0;
        let counted = exclusive(
            #[propagate_context]
            || {
                count += ID.get().unwrap();
                count
            },
        );
        assert_eq!(counted, 14);
        let length = higher_ranked(
            #[propagate_context]
            move |text| text.len() + ID.get().map_or(0, |_| 1),
        );
        assert_eq!(length, 5);
    }
    ID.sync_scope(7, test);
}

#[test]
fn each_call_starts_from_the_snapshot() {
    #[propagate_context]
    fn test() {
        let job = #[propagate_context]
        || {
            let found = ID.get();
            ID.set(8);
            found
        };
        assert_eq!((job(), job()), (Some(7), Some(7)));
        assert_eq!(ID.get(), Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn captures_where_it_is_created() {
    #[propagate_context]
    fn test() {
        let before = #[propagate_context]
        || ID.get();
        ID.set(8);
        let after = #[propagate_context]
        || ID.get();
        assert_eq!((elsewhere(before), elsewhere(after)), (Some(7), Some(8)));
    }
    ID.sync_scope(7, test);
}

#[test]
fn spawns_and_returns_inside() {
    #[propagate_context]
    fn test() {
        let job = #[propagate_context]
        move |early: bool| -> Option<u32> {
            if early {
                return ID.get();
            }
            thread::spawn(|| ID.get()).join().unwrap()
        };
        let again = job.clone();
        assert_eq!(elsewhere(move || job(true)), Some(7));
        assert_eq!(elsewhere(move || again(false)), Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn an_async_block() {
    #[propagate_context]
    async fn test() {
        let future = #[propagate_context]
        async {
            ID.get()
        };
        let future = ID.scope(8, future);
        assert_eq!(future.await, Some(7));
    }
    futures::executor::block_on(ID.scope(7, test()));
}

#[test]
fn detached_closures() {
    #[propagate_context]
    fn test() {
        let job = #[propagate_context(detached)]
        || ID.get();
        assert_eq!(job(), None);
    }
    ID.sync_scope(7, test);
}

#[test]
fn in_the_arguments_of_a_macro() {
    #[propagate_context]
    fn test() {
        let jobs = vec![
            #[propagate_context]
            move || ID.get(),
        ];
        for job in jobs {
            assert_eq!(elsewhere(job), Some(7));
        }
    }
    ID.sync_scope(7, test);
}
