//@ new unused_assignments: a `mut self` is captured, and no local
use crate::support::{drive, suspend, Noisy};

struct Pair {
    left: Noisy,
    right: Noisy,
}

fn pair() -> Pair {
    Pair { left: Noisy("left"), right: Noisy("right") }
}

impl Pair {
    #[propagate_context]
    async fn unused(self, after: Noisy) {
        suspend().await;
    }

    #[propagate_context]
    async fn one_field(self, after: Noisy) -> usize {
        suspend().await;
        self.left.touch()
    }

    #[propagate_context]
    async fn moved_field(self: Box<Self>, _: Noisy) -> usize {
        let left = self.left;
        suspend().await;
        left.touch()
    }

    #[propagate_context]
    async fn changed(mut self, after: Noisy) {
        self.right = Noisy("new right");
        suspend().await;
    }

    #[propagate_context]
    fn sync(self, after: Noisy) -> usize {
        self.right.touch()
    }
}

pub fn run() {
    drive(|| pair().unused(Noisy("after")));
    drive(|| pair().one_field(Noisy("after")));
    drive(|| Box::new(pair()).moved_field(Noisy("after")));
    drive(|| pair().changed(Noisy("after")));
    let _ = pair().sync(Noisy("after"));
}
