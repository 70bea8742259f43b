//! The rules, with scopes that are numbers and futures that are state machines.
//!
//! What is current is handed down from poll to poll. A task is run to its end where it is spawned: scopes are of one
//! task, so what it sees hangs on nothing that happens later.

use std::collections::BTreeMap;

use crate::program::{Block, Body, Calls, From, Fut, Layer, Op, Program, Shape, Spawner, Var};
use crate::strand::{Event, Label, Seen, Strand, Values};

type Table = BTreeMap<Var, Label>;
/// `None` outside every scope.
type Current = Option<usize>;

/// What `program` sees by the rules.
#[must_use]
pub fn run(program: &Program) -> Seen {
    let mut world = World::default();
    let strand = Strand::root();
    let mut env = Env::default();
    let mut root = world.make(&strand, &mut env, &program.root, None);
    let end = world.poll_to_end(&mut root, None);
    world.drop_future(root, None);
    if let Poll::Ready(env) = end {
        world.drop_env(env, None);
    }
    world.read(&strand, None, Event::Read);
    strand.seen()
}

/// A scope: R2.
#[derive(Clone, Debug, Default)]
struct Scope {
    values: Table,
    /// Opened by an annotated function on nothing, and not written to yet: R4.
    vacant: bool,
}

#[derive(Debug, Default)]
struct World {
    scopes: Vec<Scope>,
}

#[derive(Clone, Debug)]
struct Token {
    variable: Var,
    value: Label,
    previous: Option<Label>,
}

/// What a body keeps.
#[derive(Debug, Default)]
struct Env {
    tokens: Vec<Token>,
    snapshots: Vec<Table>,
    kept: Vec<Future>,
    /// What became of each task.
    tasks: Vec<Option<Env>>,
}

#[derive(Debug)]
enum Poll {
    Pending,
    Ready(Env),
    Panicked,
}

/// A future: what it does, or a wrapper.
#[derive(Debug)]
enum Future {
    Running(Box<Running>),
    /// Ready, or poisoned by a panic: nothing is left of it.
    Gone,
    /// R4.
    Annotated {
        captured: Table,
        joined: bool,
        own: Current,
        inner: Box<Future>,
    },
    /// R3: a scope of its own on this.
    Scoped {
        start: Table,
        own: Current,
        inner: Box<Future>,
    },
    /// R3: a scope of its own on what is current at the first poll, and this value.
    Added {
        variable: Var,
        value: Label,
        base: Table,
        own: Current,
        inner: Box<Future>,
    },
    /// The same, made at the first poll by the body of a function.
    AddedInside {
        variable: Var,
        maker: Strand,
        inner: Box<Future>,
    },
    /// A task drops what it keeps before it is ready.
    Task(Box<Future>),
}

#[derive(Debug)]
struct Running {
    strand: Strand,
    body: Body,
    next: usize,
    env: Env,
    guards: Vec<(Strand, Option<Var>)>,
    waiting: Waiting,
}

#[derive(Debug)]
enum Waiting {
    No,
    Yielded,
    Forever,
    For(Future, bool),
    ForAll(Vec<(Future, Option<Env>)>),
    ForOne(Vec<Future>),
}

enum Step {
    Next,
    Pending,
    Panicked,
}

impl World {
    #[expect(clippy::unnecessary_wraps, reason = "what is current from then on")]
    fn open(&mut self, values: Table) -> Current {
        self.scopes.push(Scope {
            values,
            vacant: false,
        });
        Some(self.scopes.len() - 1)
    }

    #[expect(clippy::unnecessary_wraps, reason = "what is current from then on")]
    fn open_annotated(&mut self, captured: Table) -> Current {
        let vacant = captured.is_empty();
        self.scopes.push(Scope {
            values: captured,
            vacant,
        });
        Some(self.scopes.len() - 1)
    }

    fn values(&self, current: Current) -> Table {
        current
            .map(|scope| self.scopes[scope].values.clone())
            .unwrap_or_default()
    }

    /// R3, R9.
    fn capture(&self, current: Current) -> Table {
        let mut values = self.values(current);
        values.remove(&Var::TaskOnly);
        values
    }

    fn read(&self, strand: &Strand, current: Current, event: fn(Values) -> Event) {
        let mut values = show(&self.values(current));
        values[3].get_or_insert_with(|| Label("default".into()));
        strand.note(event(values));
    }

    /// R2.
    fn write(&mut self, strand: &Strand, current: Current, variable: Var) -> Option<Token> {
        let value = strand.label();
        strand.note(Event::Wrote(current.is_some()));
        let scope = &mut self.scopes[current?];
        scope.vacant = false;
        let previous = scope.values.insert(variable, value.clone());
        Some(Token {
            variable,
            value,
            previous,
        })
    }

    /// R2.
    fn reset(&mut self, current: Current, token: Token) {
        let Some(scope) = current else { return };
        let values = &mut self.scopes[scope].values;
        if values.get(&token.variable) == Some(&token.value) {
            match token.previous {
                Some(previous) => values.insert(token.variable, previous),
                None => values.remove(&token.variable),
            };
        }
    }

    fn from(&self, current: Current, env: &Env, from: From) -> Table {
        match from {
            From::Empty => Table::new(),
            From::Kept(index) if !env.snapshots.is_empty() => {
                env.snapshots[index % env.snapshots.len()].clone()
            }
            From::Current | From::Kept(_) => self.capture(current),
        }
    }

    fn make(&self, strand: &Strand, env: &mut Env, fut: &Fut, current: Current) -> Future {
        let given = give(env, fut.give);
        // The layers look at what their maker keeps still, as the body has not begun.
        let snapshots = Env {
            snapshots: given.snapshots.clone(),
            ..Env::default()
        };
        let mut future = body(strand.child(), &fut.body, given);
        for layer in &fut.layers {
            let inner = Box::new(future);
            let looked = if fut.give { &snapshots } else { &*env };
            future = match *layer {
                Layer::Annotated(Shape::Block) => scoped(self.capture(current), inner),
                Layer::Annotated(_) => self.annotated(inner, current),
                Layer::Set(variable) => {
                    let maker = strand.child();
                    self.annotated(
                        Box::new(Future::AddedInside {
                            variable,
                            maker,
                            inner,
                        }),
                        current,
                    )
                }
                Layer::Detached | Layer::Batch => scoped(Table::new(), inner),
                Layer::Scope(variable) | Layer::SetCall(variable) => {
                    let (value, base) = (strand.label(), self.capture(current));
                    Future::Added {
                        variable,
                        value,
                        base,
                        own: None,
                        inner,
                    }
                }
                Layer::InContext(from) | Layer::Message(from) => {
                    scoped(self.from(current, looked, from), inner)
                }
                Layer::Entry(from) => {
                    let id = self.from(current, looked, from).remove(&Var::Id);
                    let id = id.and_then(|id| id.0.parse().ok());
                    scoped(id.map(|id| (Var::Id, id)).into_iter().collect(), inner)
                }
            };
        }
        future
    }

    fn annotated(&self, inner: Box<Future>, current: Current) -> Future {
        Future::Annotated {
            captured: self.capture(current),
            joined: false,
            own: None,
            inner,
        }
    }

    /// The scope that a future is polled in, opened at the first poll.
    fn scope_of(&mut self, future: &mut Future, current: Current) -> Current {
        match future {
            Future::Annotated {
                own: own @ None,
                captured,
                joined,
                ..
            } => {
                let counts =
                    current.is_some_and(|scope| !self.scopes[scope].vacant || captured.is_empty());
                if counts {
                    *joined = true;
                    return current;
                }
                *own = self.open_annotated(std::mem::take(captured));
                *own
            }
            Future::Scoped {
                own: own @ None,
                start,
                ..
            } => {
                *own = self.open(std::mem::take(start));
                *own
            }
            Future::Added {
                own: own @ None,
                variable,
                value,
                base,
                ..
            } => {
                let counts = current.filter(|scope| !self.scopes[*scope].vacant);
                let mut values =
                    counts.map_or_else(|| base.clone(), |scope| self.values(Some(scope)));
                values.insert(*variable, value.clone());
                *own = self.open(values);
                *own
            }
            Future::Annotated { own, .. }
            | Future::Scoped { own, .. }
            | Future::Added { own, .. } => *own,
            _ => current,
        }
    }

    fn poll(&mut self, future: &mut Future, current: Current) -> Poll {
        if let Future::AddedInside {
            variable, maker, ..
        } = future
        {
            let (variable, value, base) = (*variable, maker.label(), self.capture(current));
            if let Future::AddedInside { inner, .. } = std::mem::replace(future, Future::Gone) {
                *future = Future::Added {
                    variable,
                    value,
                    base,
                    own: None,
                    inner,
                };
            }
        }
        let scope = self.scope_of(future, current);
        let poll = match future {
            Future::Annotated { inner, .. }
            | Future::Scoped { inner, .. }
            | Future::Added { inner, .. } => self.poll(inner, scope),
            Future::Task(inner) => match self.poll(inner, scope) {
                Poll::Ready(mut env) => {
                    for kept in env.kept.drain(..) {
                        self.drop_future(kept, scope);
                    }
                    env.tasks.clear();
                    Poll::Ready(env)
                }
                poll => poll,
            },
            Future::Running(running) => self.advance(running, scope),
            Future::AddedInside { .. } | Future::Gone => unreachable!("it is not polled again"),
        };
        if !matches!(poll, Poll::Pending) {
            *future = Future::Gone;
        }
        poll
    }

    fn poll_to_end(&mut self, future: &mut Future, current: Current) -> Poll {
        loop {
            match self.poll(future, current) {
                Poll::Pending if is_forever(future) => return Poll::Pending,
                Poll::Pending => {}
                poll => return poll,
            }
        }
    }

    /// R5.
    fn drop_future(&mut self, mut future: Future, current: Current) {
        let has_only_joined = matches!(
            future,
            Future::Annotated {
                joined: true,
                own: None,
                ..
            }
        );
        let scope = if has_only_joined {
            current
        } else {
            self.scope_of(&mut future, current)
        };
        match future {
            Future::Annotated { inner, .. }
            | Future::Scoped { inner, .. }
            | Future::Added { inner, .. }
            | Future::AddedInside { inner, .. }
            | Future::Task(inner) => self.drop_future(*inner, scope),
            Future::Running(running) => self.end(*running, scope),
            Future::Gone => {}
        }
    }

    fn drop_env(&mut self, env: Env, current: Current) {
        for kept in env.kept {
            self.drop_future(kept, current);
        }
    }

    /// A body is dropped before its end, or unwinds.
    fn end(&mut self, running: Running, current: Current) {
        match running.waiting {
            Waiting::For(future, _) => self.drop_future(future, current),
            Waiting::ForAll(futures) => {
                for (future, env) in futures {
                    self.drop_future(future, current);
                    self.drop_env(env.unwrap_or_default(), current);
                }
            }
            Waiting::ForOne(futures) => {
                for future in futures {
                    self.drop_future(future, current);
                }
            }
            Waiting::No | Waiting::Yielded | Waiting::Forever => {}
        }
        self.drop_guards(running.guards, current);
        self.drop_env(running.env, current);
    }

    fn drop_guards(&mut self, guards: Vec<(Strand, Option<Var>)>, current: Current) {
        for (strand, variable) in guards {
            self.read(&strand, current, Event::Dropped);
            if let Some(variable) = variable {
                self.write(&strand, current, variable);
            }
        }
    }

    fn advance(&mut self, running: &mut Box<Running>, current: Current) -> Poll {
        loop {
            match self.wait(running, current) {
                Step::Next => {}
                Step::Pending => return Poll::Pending,
                Step::Panicked => break,
            }
            let Some(op) = running.body.get(running.next).cloned() else {
                let guards = std::mem::take(&mut running.guards);
                let env = std::mem::take(&mut running.env);
                self.drop_guards(guards, current);
                return Poll::Ready(env);
            };
            running.next += 1;
            match self.operate(running, &op, current) {
                Step::Next => {}
                Step::Pending => return Poll::Pending,
                Step::Panicked => break,
            }
        }
        let dead = Running {
            strand: running.strand.clone(),
            body: Body::new(),
            next: 0,
            env: std::mem::take(&mut running.env),
            guards: std::mem::take(&mut running.guards),
            waiting: std::mem::replace(&mut running.waiting, Waiting::No),
        };
        self.end(dead, current);
        Poll::Panicked
    }

    /// Goes on with what the body waits for.
    fn wait(&mut self, running: &mut Running, current: Current) -> Step {
        match &mut running.waiting {
            Waiting::No => return Step::Next,
            Waiting::Forever => return Step::Pending,
            Waiting::Yielded => {}
            Waiting::For(future, caught) => match self.poll(future, current) {
                Poll::Pending => return Step::Pending,
                Poll::Ready(env) => running.env.merge(env),
                Poll::Panicked if *caught => running.strand.note(Event::Lost),
                Poll::Panicked => return Step::Panicked,
            },
            Waiting::ForAll(futures) => {
                for (future, env) in &mut *futures {
                    if env.is_none() {
                        match self.poll(future, current) {
                            Poll::Pending => {}
                            Poll::Ready(ready) => *env = Some(ready),
                            Poll::Panicked => return Step::Panicked,
                        }
                    }
                }
                if futures.iter().any(|(_, env)| env.is_none()) {
                    return Step::Pending;
                }
                for env in futures.iter_mut().filter_map(|(_, env)| env.take()) {
                    running.env.merge(env);
                }
            }
            Waiting::ForOne(futures) => {
                let mut ready = None;
                for future in &mut *futures {
                    match self.poll(future, current) {
                        Poll::Pending => {}
                        Poll::Ready(env) => {
                            ready = Some(env);
                            break;
                        }
                        Poll::Panicked => return Step::Panicked,
                    }
                }
                let Some(env) = ready else {
                    return Step::Pending;
                };
                for future in std::mem::take(futures) {
                    self.drop_future(future, current);
                }
                running.env.merge(env);
            }
        }
        running.waiting = Waiting::No;
        Step::Next
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each operation")]
    fn operate(&mut self, running: &mut Running, op: &Op, current: Current) -> Step {
        let strand = &running.strand.clone();
        let env = &mut running.env;
        match op {
            Op::Read => self.read(strand, current, Event::Read),
            Op::Set(variable) => env.tokens.extend(self.write(strand, current, *variable)),
            Op::Reset(index) => {
                if let Some(token) = take(&mut env.tokens, *index) {
                    self.reset(current, token);
                }
            }
            Op::Yield => {
                running.waiting = Waiting::Yielded;
                return Step::Pending;
            }
            Op::Forever => running.waiting = Waiting::Forever,
            Op::Snapshot => env.snapshots.push(self.capture(current)),
            Op::Look(index) => {
                if let Some(at) = index.checked_rem(env.snapshots.len()) {
                    strand.note(Event::Snapshot(show(&env.snapshots[at])));
                }
            }
            Op::Guard(variable) => running.guards.push((strand.child(), *variable)),
            Op::Panic => return Step::Panicked,
            Op::Sync(block, given, body) => {
                return self.sync(running, *block, *given, body, current);
            }
            Op::Wrap(calls, from, _, body) => {
                return self.wrap(running, *calls, *from, body, current);
            }
            Op::Await(fut) => {
                running.waiting = Waiting::For(self.make(strand, env, fut, current), false);
            }
            Op::Catch(fut) => {
                running.waiting = Waiting::For(self.make(strand, env, fut, current), true);
            }
            Op::Make(fut) => {
                let future = self.make(strand, env, fut, current);
                env.kept.push(future);
            }
            Op::Poll(index, place) => {
                if let Some(mut future) = take(&mut env.kept, *index) {
                    let there = place.of(current);
                    match self.poll(&mut future, there) {
                        Poll::Pending => {
                            strand.note(Event::Ready(false));
                            env.kept.push(future);
                        }
                        Poll::Ready(ready) => {
                            strand.note(Event::Ready(true));
                            env.merge(ready);
                        }
                        Poll::Panicked => strand.note(Event::Lost),
                    }
                }
            }
            Op::AwaitKept(index) => {
                if let Some(future) = take(&mut env.kept, *index) {
                    running.waiting = Waiting::For(future, false);
                }
            }
            Op::DropKept(index, place) => {
                if let Some(future) = take(&mut env.kept, *index) {
                    self.drop_future(future, place.of(current));
                }
            }
            Op::Join(futs) => {
                let all = futs
                    .iter()
                    .map(|fut| (self.make(strand, env, fut, current), None));
                running.waiting = Waiting::ForAll(all.collect());
            }
            Op::Select(futs) => {
                let all = futs.iter().map(|fut| self.make(strand, env, fut, current));
                running.waiting = Waiting::ForOne(all.collect());
            }
            Op::Spawn(by, fut) => {
                let task = self.task(strand, env, *by, fut, current);
                let mut task = task;
                let end = self.poll_to_end(&mut task, None);
                env.tasks.push(if let Poll::Ready(env) = end {
                    Some(env)
                } else {
                    None
                });
            }
            Op::Abort(by, fut) => {
                let mut task = self.task(strand, env, *by, fut, current);
                let _end = self.poll_to_end(&mut task, None);
                self.drop_future(task, None);
            }
            Op::Blocking(by, given, fut) => {
                let given = give(env, *given);
                let inner = Box::new(body(strand.child(), fut, given));
                let mut task = self.spawned(*by, Future::Task(inner), current);
                let end = self.poll_to_end(&mut task, None);
                env.tasks.push(if let Poll::Ready(env) = end {
                    Some(env)
                } else {
                    None
                });
            }
            Op::AwaitTasks => {
                for task in std::mem::take(&mut env.tasks) {
                    match task {
                        Some(ready) => env.merge(ready),
                        None => strand.note(Event::Lost),
                    }
                }
            }
        }
        Step::Next
    }

    fn task(
        &self,
        strand: &Strand,
        env: &mut Env,
        by: Spawner,
        fut: &Fut,
        current: Current,
    ) -> Future {
        let inner = self.make(strand, env, fut, current);
        self.spawned(by, Future::Task(Box::new(inner)), current)
    }

    fn spawned(&self, by: Spawner, task: Future, current: Current) -> Future {
        match by {
            Spawner::Plain => task,
            Spawner::Task | Spawner::InCurrent | Spawner::Annotated => {
                scoped(self.capture(current), Box::new(task))
            }
            Spawner::Detached => scoped(Table::new(), Box::new(task)),
        }
    }

    fn sync(
        &mut self,
        running: &mut Running,
        block: Block,
        given: bool,
        code: &Body,
        current: Current,
    ) -> Step {
        let strand = running.strand.clone();
        let given_env = give(&mut running.env, given);
        let looked = if given { &given_env } else { &running.env };
        let scope = match block {
            Block::Scope(variable) | Block::Set(variable) => {
                let mut values = self.values(current);
                values.insert(variable, strand.label());
                self.open(values)
            }
            Block::Context(from) | Block::Message(from) => {
                let values = self.from(current, looked, from);
                self.open(values)
            }
            Block::Annotated if current.is_none() => self.open_annotated(Table::new()),
            Block::Annotated | Block::Catch => current,
            Block::Detached | Block::Batch => self.open(Table::new()),
            Block::Thread => None,
            Block::AnnotatedThread => {
                let values = self.capture(current);
                self.open(values)
            }
        };
        let mut future = body(strand.child(), code, given_env);
        match self.poll_to_end(&mut future, scope) {
            Poll::Ready(env) => running.env.merge(env),
            _ if matches!(block, Block::Thread | Block::AnnotatedThread | Block::Catch) => {
                strand.note(Event::Lost);
            }
            _ => return Step::Panicked,
        }
        Step::Next
    }

    fn wrap(
        &mut self,
        running: &mut Running,
        calls: Calls,
        from: From,
        code: &Body,
        current: Current,
    ) -> Step {
        let strand = running.strand.clone();
        let start = self.from(current, &running.env, from);
        let guard = vec![(strand.child(), None)];
        let times = match calls {
            Calls::Once(called) => u8::from(called),
            Calls::Mut(times) | Calls::Fn(times) => times,
        };
        let mut lost = false;
        let own = self.open(start.clone());
        for _ in 0..times {
            let scope = if let Calls::Once(_) = calls {
                own
            } else {
                self.open(start.clone())
            };
            let mut future = body(strand.child(), code, Env::default());
            if let Poll::Ready(env) = self.poll_to_end(&mut future, scope) {
                self.drop_env(env, scope);
            } else {
                lost = true;
                break;
            }
        }
        self.drop_guards(guard, own);
        if lost {
            strand.note(Event::Lost);
        }
        Step::Next
    }
}

impl Env {
    fn merge(&mut self, other: Self) {
        self.tokens.extend(other.tokens);
        self.snapshots.extend(other.snapshots);
        self.kept.extend(other.kept);
        self.tasks.extend(other.tasks);
    }
}

impl crate::program::Place {
    fn of(self, current: Current) -> Current {
        match self {
            Self::Here => current,
            Self::Thread => None,
        }
    }
}

fn give(env: &mut Env, given: bool) -> Env {
    if !given {
        return Env::default();
    }
    Env {
        tokens: std::mem::take(&mut env.tokens),
        snapshots: std::mem::take(&mut env.snapshots),
        kept: std::mem::take(&mut env.kept),
        tasks: Vec::new(),
    }
}

fn take<T>(list: &mut Vec<T>, index: usize) -> Option<T> {
    index.checked_rem(list.len()).map(|at| list.remove(at))
}

fn body(strand: Strand, body: &Body, env: Env) -> Future {
    Future::Running(Box::new(Running {
        strand,
        body: body.clone(),
        next: 0,
        env,
        guards: Vec::new(),
        waiting: Waiting::No,
    }))
}

fn scoped(start: Table, inner: Box<Future>) -> Future {
    Future::Scoped {
        start,
        own: None,
        inner,
    }
}

fn show(values: &Table) -> Values {
    Var::ALL.map(|variable| values.get(&variable).cloned())
}

fn is_forever(future: &Future) -> bool {
    match future {
        Future::Annotated { inner, .. }
        | Future::Scoped { inner, .. }
        | Future::Added { inner, .. }
        | Future::AddedInside { inner, .. }
        | Future::Task(inner) => is_forever(inner),
        Future::Running(running) => matches!(running.waiting, Waiting::Forever),
        Future::Gone => false,
    }
}
