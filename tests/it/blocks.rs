//! The attribute on `impl` blocks, traits and modules.

// Some methods do not use `self`, which does not matter here.
#![allow(clippy::unused_self)]

use std::fmt;
use std::future::Future;

use futures::executor::block_on;
use propagate_context::{ContextVar, propagate_context};

static ID: ContextVar<u32> = ContextVar::new("id");

fn carried() -> Option<u32> {
    ID.get()
}

#[derive(Debug, PartialEq)]
struct Twice<const N: usize>([u32; N]);

struct Shop {
    name: String,
}

#[propagate_context]
impl Shop {
    const LIMIT: usize = { 3 };

    const fn limit(&self) -> usize {
        Self::LIMIT
    }

    async fn asynchronous(&self) -> (Option<u32>, usize) {
        let seen = std::thread::spawn(|| ID.get()).join().unwrap();
        (seen, self.name.len() + self.limit())
    }

    fn synchronous(self) -> Option<u32> {
        std::thread::spawn(carried).join().unwrap()
    }

    #[propagate_context(skip)]
    fn skipped(&self) -> Option<u32> {
        std::thread::spawn(move || ID.get()).join().unwrap()
    }

    #[propagate_context(detached)]
    fn detached(&self) -> Option<u32> {
        std::thread::spawn(move || ID.get()).join().unwrap()
    }

    fn generic<const N: usize>(&self, _: [u8; N]) -> Option<Twice<{ 1 + 1 }>> {
        std::thread::spawn(|| ID.get().map(|id| Twice([id; 2])))
            .join()
            .unwrap()
    }
}

#[propagate_context]
impl fmt::Display for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = std::thread::spawn(|| ID.get()).join().unwrap();
        write!(f, "{} {seen:?}", self.name)
    }
}

#[propagate_context]
trait Visit {
    type Output;

    fn name(&self) -> String;

    async fn declared(&self) -> Option<u32>;

    async fn provided(&self) -> (Option<u32>, String) {
        (std::thread::spawn(|| ID.get()).join().unwrap(), self.name())
    }

    fn returned(&self) -> impl Future<Output = Option<u32>> + Send {
        let id = std::thread::spawn(|| ID.get()).join().unwrap();
        async move { id }
    }
}

#[propagate_context]
impl Visit for Shop {
    type Output = ();

    fn name(&self) -> String {
        self.name.clone()
    }

    async fn declared(&self) -> Option<u32> {
        std::thread::spawn(|| ID.get()).join().unwrap()
    }
}

#[propagate_context]
mod jobs {
    use super::{ID, carried};

    pub(super) struct Job {
        pub(super) count: u32,
    }

    impl Job {
        pub(super) fn run(&self) -> Option<u32> {
            std::thread::spawn(|| ID.get())
                .join()
                .unwrap()
                .map(|id| id + self.count)
        }
    }

    pub(super) mod deeper {
        pub(crate) async fn run() -> Option<u32> {
            std::thread::spawn(super::carried).join().unwrap()
        }
    }

    #[propagate_context::propagate_context(skip)]
    pub(super) fn skipped() -> Option<u32> {
        std::thread::spawn(carried).join().unwrap()
    }
}

macro_rules! module {
    ($($item:item)*) => {
        #[propagate_context]
        mod made {
            //! Inner documentation in a macro.
            use super::*;

            $($item)*
        }
    };
}

module! {
    pub(super) fn first() -> Option<u32> {
        std::thread::spawn(|| ID.get()).join().unwrap()
    }

    #[propagate_context(skip)]
    pub(super) fn skipped() -> Option<u32> {
        std::thread::spawn(|| ID.get()).join().unwrap()
    }
}

fn shop() -> Shop {
    Shop {
        name: "shop".to_owned(),
    }
}

#[test]
fn an_impl() {
    assert_eq!(
        block_on(ID.scope(7, async { shop().asynchronous().await })),
        (Some(7), 7)
    );
    ID.sync_scope(7, || {
        assert_eq!(shop().synchronous(), Some(7));
        assert_eq!(shop().skipped(), None);
        assert_eq!(shop().detached(), None);
        assert_eq!(shop().generic([0]), Some(Twice([7; 2])));
        assert_eq!(shop().to_string(), "shop Some(7)");
    });
}

#[test]
fn a_trait_and_its_impl() {
    let shop = shop();
    assert_eq!(block_on(ID.scope(7, shop.declared())), Some(7));
    assert_eq!(
        block_on(ID.scope(7, shop.provided())),
        (Some(7), "shop".to_owned())
    );
    assert_eq!(block_on(ID.sync_scope(7, || shop.returned())), Some(7));
}

#[test]
fn a_module() {
    ID.sync_scope(7, || {
        assert_eq!(jobs::Job { count: 1 }.run(), Some(8));
        assert_eq!(block_on(jobs::deeper::run()), Some(7));
        assert_eq!(jobs::skipped(), None);
    });
}

#[test]
fn members_passed_through_a_macro() {
    ID.sync_scope(7, || {
        assert_eq!(made::first(), Some(7));
        assert_eq!(made::skipped(), None);
    });
}
