//! What a body does, one statement after the other.

use super::future::{Future, Poll, scoped};
use super::{Current, Env, Table, World, give, show, take};
use crate::program::{Body, Fut, Op, Spawner, Var};
use crate::strand::{Event, Strand};

#[derive(Debug)]
pub(super) struct Running {
    pub(super) strand: Strand,
    body: Body,
    next: usize,
    pub(super) env: Env,
    guards: Vec<(Strand, Option<Var>)>,
    /// Its arguments, until it begins; they are dropped after its local variables.
    argument: Vec<(Strand, Option<Var>)>,
    pub(super) waiting: Waiting,
}

#[derive(Debug)]
pub(super) enum Waiting {
    No,
    Yielded,
    Forever,
    For(Future, bool),
    ForAll(Vec<(Future, Option<Env>)>),
    ForOne(Vec<Future>),
}

pub(super) enum Step {
    Next,
    Pending,
    Panicked,
}
impl World {
    /// The body is dropped before its end, or unwinds.
    pub(super) fn end(&mut self, running: Running, current: Current) {
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
        self.drop_guards(running.argument, current);
        self.drop_env(running.env, current);
    }

    pub(super) fn drop_guards(&mut self, guards: Vec<(Strand, Option<Var>)>, current: Current) {
        for (strand, variable) in guards {
            self.read(&strand, current, Event::Dropped);
            if let Some(variable) = variable {
                self.write(&strand, current, variable);
            }
        }
    }

    pub(super) fn advance(&mut self, running: &mut Box<Running>, current: Current) -> Poll {
        loop {
            match self.wait(running, current) {
                Step::Next => {}
                Step::Pending => return Poll::Pending,
                Step::Panicked => break,
            }
            let Some(op) = running.body.get(running.next).cloned() else {
                let mut guards = std::mem::take(&mut running.guards);
                guards.append(&mut running.argument);
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
            argument: std::mem::take(&mut running.argument),
            waiting: std::mem::replace(&mut running.waiting, Waiting::No),
        };
        self.end(dead, current);
        Poll::Panicked
    }

    /// Polls what the body awaits.
    pub(super) fn wait(&mut self, running: &mut Running, current: Current) -> Step {
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
    pub(super) fn operate(&mut self, running: &mut Running, op: &Op, current: Current) -> Step {
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

    pub(super) fn task(
        &mut self,
        strand: &Strand,
        env: &mut Env,
        by: Spawner,
        fut: &Fut,
        current: Current,
    ) -> Future {
        let inner = self.make(strand, env, fut, current);
        self.spawned(by, Future::Task(Box::new(inner)), current)
    }

    pub(super) fn spawned(&self, by: Spawner, task: Future, current: Current) -> Future {
        match by {
            Spawner::Plain => task,
            Spawner::Task | Spawner::InCurrent | Spawner::Annotated => {
                scoped(self.capture(current), Box::new(task))
            }
            Spawner::Detached => scoped(Table::default(), Box::new(task)),
        }
    }
}

pub(super) fn body(strand: Strand, body: &Body, env: Env) -> Future {
    let argument = vec![(strand.child(), None)];
    Future::Running(Box::new(Running {
        strand,
        argument,
        body: body.clone(),
        next: 0,
        env,
        guards: Vec::new(),
        waiting: Waiting::No,
    }))
}
