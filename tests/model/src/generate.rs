//! Random programs.

use crate::program::{
    Block, Body, Calls, From, Fut, Layer, Op, Place, Program, Runtime, Shape, Spawner, Var,
};

/// Random numbers from a seed: splitmix64.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }

    fn subset<T: Copy>(&mut self, list: &[T]) -> Vec<T> {
        let one = self.pick(list);
        let some = list.iter().copied().filter(|_| self.chance(2));
        std::iter::once(one).chain(some).collect()
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// What a body may do, depending on where it runs.
#[derive(Clone, Copy)]
struct Limits {
    /// It runs on a runtime, whose thread it must not block.
    tokio: bool,
    /// How often it is polled depends on nothing else: so it may wait for tasks.
    wait: bool,
    depth: usize,
}

/// The program of a seed.
#[must_use]
pub fn program(seed: u64) -> Program {
    let mut random = Random(seed);
    let mut make = Maker {
        left: 8 + random.below(48),
        ops: random.next(),
        layers: random.next(),
        vars: random.subset(&Var::ALL),
        random,
    };
    let runtime = make
        .random
        .pick(&[Runtime::Current, Runtime::Multi, Runtime::MultiTask]);
    let limits = Limits {
        tokio: true,
        wait: true,
        depth: 5,
    };
    let mut root = make.fut(limits);
    if make.random.chance(2) {
        // No scope is current around it, and it is given futures that were made in a scope.
        root.layers.clear();
        let first = make.makes_futures(limits);
        root.body.insert(0, first);
    }
    Program { runtime, root }
}

struct Maker {
    random: Random,
    /// How many statements may follow.
    left: usize,
    /// The kinds of statements in this program, as bits: about half of all kinds, so that programs differ.
    ops: u64,
    layers: u64,
    vars: Vec<Var>,
}

impl Maker {
    /// Returns futures that have captured something.
    fn makes_futures(&mut self, limits: Limits) -> Op {
        let kept = Limits {
            wait: false,
            tokio: false,
            depth: limits.depth - 2,
        };
        self.left += 8;
        let mut body = vec![Op::Set(self.var())];
        body.extend((0..=self.random.below(2)).map(|_| Op::Make(self.fut(kept))));
        Op::Await(Fut {
            give: false,
            body,
            layers: vec![Layer::Scope(self.var())],
        })
    }

    fn body(&mut self, limits: Limits) -> Body {
        let length = 2 + self.random.below(7);
        let mut body = Body::new();
        for _ in 0..length {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let op = self.op(limits);
            body.push(op);
        }
        body.push(Op::Read);
        body
    }

    fn op(&mut self, limits: Limits) -> Op {
        let inner = Limits {
            depth: limits.depth.saturating_sub(1),
            ..limits
        };
        let branch = Limits {
            wait: false,
            ..inner
        };
        let kept = Limits {
            wait: false,
            tokio: false,
            ..inner
        };
        let sync = Limits {
            wait: false,
            tokio: false,
            ..inner
        };
        let place = [Place::Here, Place::Here, Place::Thread];
        let deep = limits.depth > 0;
        let index = self.random.below(3);
        loop {
            let kind = self.random.below(28);
            if kind > 4 && self.ops >> kind & 1 == 0 {
                continue;
            }
            return match kind {
                0 | 1 => Op::Read,
                2..=4 => Op::Set(self.var()),
                5 | 6 => Op::Reset(index),
                7 | 8 => Op::Yield,
                9 => Op::Snapshot,
                10 => Op::Look(index),
                11 => Op::Guard(self.random.chance(3).then(|| self.var())),
                12 if self.random.chance(3) => Op::Panic,
                13 if deep => Op::Sync(self.block(), self.random.chance(2), self.body(sync)),
                14 if deep => {
                    let once = Calls::Once(self.random.chance(2));
                    let times = u8::try_from(self.random.below(3)).unwrap_or(0);
                    let calls = self
                        .random
                        .pick(&[once, Calls::Mut(times), Calls::Fn(times)]);
                    Op::Wrap(
                        calls,
                        self.from(),
                        self.random.pick(&place),
                        self.body(sync),
                    )
                }
                15 | 16 if deep => Op::Await(self.fut(inner)),
                17 if deep => Op::Catch(self.fut(inner)),
                18 if deep => Op::Make(self.fut(kept)),
                19 | 26 => Op::Poll(index, self.random.pick(&place)),
                20 | 27 => Op::AwaitKept(index),
                21 => Op::DropKept(index, self.random.pick(&place)),
                22 if deep => Op::Join(vec![self.fut(branch), self.fut(branch)]),
                23 if deep => Op::Select(vec![self.fut(branch), self.fut(branch)]),
                24 if deep && limits.tokio => self.task(inner, sync),
                25 if limits.wait => Op::AwaitTasks,
                _ => continue,
            };
        }
    }

    fn task(&mut self, inner: Limits, sync: Limits) -> Op {
        let by = self.random.pick(&[
            Spawner::Plain,
            Spawner::Task,
            Spawner::InCurrent,
            Spawner::Annotated,
            Spawner::Detached,
        ]);
        let task = Limits {
            wait: true,
            ..inner
        };
        match self.random.below(4) {
            0 => Op::Blocking(by, self.random.chance(2), self.body(sync)),
            1 if inner.wait => {
                let mut fut = self.fut(task);
                fut.body.push(Op::Forever);
                Op::Abort(by, fut)
            }
            _ => Op::Spawn(by, self.fut(task)),
        }
    }

    fn fut(&mut self, limits: Limits) -> Fut {
        let give = !self.random.chance(3);
        let body = self.body(limits);
        let count = self.random.pick(&[0, 1, 1, 1, 1, 2, 2, 3]);
        Fut {
            give,
            body,
            layers: (0..count).map(|_| self.layer()).collect(),
        }
    }

    fn layer(&mut self) -> Layer {
        let shapes = [
            Shape::Async,
            Shape::Generic,
            Shape::Method,
            Shape::ImplFuture,
            Shape::Boxed,
            Shape::Stream,
            Shape::Block,
        ];
        let mut kind = self.random.below(14);
        while kind > 5 && self.layers >> kind & 1 == 0 {
            kind = self.random.below(14);
        }
        match kind {
            0..=5 => Layer::Annotated(self.random.pick(&shapes)),
            6 => Layer::Detached,
            7 => Layer::Set(self.var()),
            8 => Layer::SetCall(self.var()),
            9 => Layer::Scope(self.var()),
            10 => Layer::InContext(self.from()),
            11 => Layer::Message(self.from()),
            12 => Layer::Batch,
            _ => Layer::Entry(self.from()),
        }
    }

    fn block(&mut self) -> Block {
        match self.random.below(10) {
            0 => Block::Scope(self.var()),
            1 => Block::Context(self.from()),
            2 | 3 => Block::Annotated,
            4 => Block::Detached,
            5 => Block::Set(self.var()),
            6 => Block::Message(self.from()),
            7 => Block::Batch,
            8 => self.random.pick(&[Block::Thread, Block::AnnotatedThread]),
            _ => Block::Catch,
        }
    }

    fn var(&mut self) -> Var {
        self.random.pick(&self.vars)
    }

    fn from(&mut self) -> From {
        let index = self.random.below(3);
        self.random
            .pick(&[From::Empty, From::Current, From::Kept(index)])
    }
}
