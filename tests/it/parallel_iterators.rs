//! The closures of a rayon chain run in the context of the function that runs the chain.

use propagate_context::{ContextVar, propagate_context};
use rayon::prelude::*;

static ID: ContextVar<u32> = ContextVar::new("id");

struct Shop {
    orders: Vec<Vec<u32>>,
}

#[test]
fn chains_that_run_in_the_function() {
    #[propagate_context]
    fn test(shop: &Shop, list: &mut [u32]) {
        let more = String::from("a");
        let seen: Vec<_> = list
            .par_iter()
            .map(|n| (*n, ID.get(), more.len()))
            .collect();
        assert_eq!(seen, [(1, Some(7), 1), (2, Some(7), 1)]);
        let sum = shop.orders[0]
            .par_iter()
            .filter(|_| ID.get() == Some(7))
            .count()
            + 1;
        assert_eq!(sum, 4);
        list.par_iter_mut()
            .for_each(|n| *n = ID.get().unwrap_or_default());
        assert_eq!(list, [7, 7]);
        let range = 0..3_u32;
        let nested = range.into_par_iter().map(|n| {
            let inner = rayon::join(|| ID.get(), || ID.get());
            (n, inner)
        });
        // The chain does not run here, so nothing on this stack frame could outlive its closures.
        assert_eq!(nested.count(), 3);
        assert!(
            list.par_chunks(1)
                .all(|part| part.len() == 1 && ID.get() == Some(7))
        );
    }
    // A separate pool, which shows that the closures run on other threads.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let shop = Shop {
        orders: vec![vec![1, 2, 3]],
    };
    let mut list = [1, 2];
    pool.install(|| ID.sync_scope(7, || test(&shop, &mut list)));
    assert_eq!(pool.broadcast(|_| ID.get()), [None, None]);
}

#[test]
fn chains_started_outside_of_the_pool() {
    #[propagate_context]
    fn test(list: &[u32]) -> Vec<Option<u32>> {
        list.par_iter().map(|_| ID.get()).collect::<Vec<_>>()
    }
    assert_eq!(ID.sync_scope(7, || test(&[1, 2, 3])), [Some(7); 3]);
}

#[test]
fn detached() {
    #[propagate_context]
    fn test(list: &[u32]) -> Vec<Option<u32>> {
        #[detached]
        let seen = list.par_iter().map(|_| ID.get()).collect();
        seen
    }
    assert_eq!(ID.sync_scope(7, || test(&[1, 2, 3])), [None; 3]);
}
