//! Makes a failing program smaller while it still fails.

use crate::program::{Body, Fut, Op, Program, Runtime};

/// The smallest program for which `is_wrong` still returns `true`, found by removing one part at a time.
pub fn shrink(program: Program, is_wrong: impl Fn(&Program) -> bool) -> Program {
    let mut smallest = program;
    loop {
        let smaller = candidates(&smallest).into_iter().find(&is_wrong);
        match smaller {
            Some(smaller) => smallest = smaller,
            None => return smallest,
        }
    }
}

fn candidates(program: &Program) -> Vec<Program> {
    let runtimes = (program.runtime != Runtime::Current).then(|| Program {
        runtime: Runtime::Current,
        ..program.clone()
    });
    let roots = futs(&program.root).into_iter().map(|root| Program {
        root,
        ..program.clone()
    });
    runtimes.into_iter().chain(roots).collect()
}

fn futs(fut: &Fut) -> Vec<Fut> {
    let mut all = Vec::new();
    for at in 0..fut.layers.len() {
        let mut smaller = fut.clone();
        smaller.layers.remove(at);
        all.push(smaller);
    }
    if fut.give {
        all.push(Fut {
            give: false,
            ..fut.clone()
        });
    }
    all.extend(bodies(&fut.body).into_iter().map(|body| Fut {
        body,
        ..fut.clone()
    }));
    all
}

fn bodies(body: &Body) -> Vec<Body> {
    let mut all = Vec::new();
    for (at, op) in body.iter().enumerate() {
        let with = |ops: Vec<Op>| [&body[..at], &ops, &body[at + 1..]].concat();
        // The statement at which a task is aborted has to stay: without it the task is awaited forever.
        if *op != Op::Forever {
            all.push(with(Vec::new()));
        }
        all.extend(inner_bodies(op).into_iter().map(with));
        all.extend(ops(op).into_iter().map(|op| with(vec![op])));
    }
    all
}

/// The parts of a statement that can replace it.
fn inner_bodies(op: &Op) -> Vec<Body> {
    match op {
        Op::Sync(_, _, body) | Op::Wrap(_, _, _, body) | Op::Blocking(_, _, body) => {
            vec![body.clone()]
        }
        // Not a spawned body: a task may wait where the body that spawns it may not.
        Op::Await(fut) | Op::Catch(fut) => vec![fut.body.clone()],
        Op::Join(futs) | Op::Select(futs) => futs
            .iter()
            .map(|fut| vec![Op::Await(fut.clone())])
            .collect(),
        _ => Vec::new(),
    }
}

/// The same statement with fewer parts.
fn ops(op: &Op) -> Vec<Op> {
    let one = |fut: &Fut, make: &dyn Fn(Fut) -> Op| futs(fut).into_iter().map(make).collect();
    let several = |list: &[Fut], make: &dyn Fn(Vec<Fut>) -> Op| {
        let each = |at: usize| {
            futs(&list[at]).into_iter().map(move |fut| {
                let mut list = list.to_vec();
                list[at] = fut;
                list
            })
        };
        (0..list.len()).flat_map(each).map(make).collect()
    };
    match op {
        Op::Sync(block, give, body) => bodies(body)
            .into_iter()
            .map(|body| Op::Sync(*block, *give, body))
            .collect(),
        Op::Wrap(calls, from, place, body) => bodies(body)
            .into_iter()
            .map(|body| Op::Wrap(*calls, *from, *place, body))
            .collect(),
        Op::Blocking(by, give, body) => bodies(body)
            .into_iter()
            .map(|body| Op::Blocking(*by, *give, body))
            .collect(),
        Op::Await(fut) => one(fut, &Op::Await),
        Op::Catch(fut) => one(fut, &Op::Catch),
        Op::Make(fut) => one(fut, &Op::Make),
        Op::Spawn(by, fut) => one(fut, &|fut| Op::Spawn(*by, fut)),
        Op::Abort(by, fut) => one(fut, &|fut| Op::Abort(*by, fut)),
        Op::Join(list) => several(list, &Op::Join),
        Op::Select(list) => several(list, &Op::Select),
        _ => Vec::new(),
    }
}
