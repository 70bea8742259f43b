//! Futures and their wrappers: in which scope they are polled and dropped (R3, R4, R5).

use super::body::{Running, Waiting, body};
use super::{Current, Env, Table, World, give};
use crate::program::{Fut, Layer, Shape, Var};
use crate::strand::{Label, Strand};

#[derive(Debug)]
pub(super) enum Poll {
    Pending,
    Ready(Env),
    Panicked,
}

/// The scope that a future without a scope of its own was last polled in, if it was polled.
type Joined = Option<Current>;

/// A future: a body, or a wrapper around another future.
#[derive(Debug)]
pub(super) enum Future {
    Running(Box<Running>),
    /// Ready, or panicked: nothing is left of it.
    Gone,
    /// R4.
    Annotated {
        captured: Table,
        /// The scope that it was last polled in, if it only joined.
        joined: Joined,
        own: Current,
        inner: Box<Future>,
    },
    /// R3: a scope of its own with these values.
    Scoped {
        start: Table,
        own: Current,
        inner: Box<Future>,
    },
    /// R3: a scope of its own, with the values that are current at the first poll and this one.
    Added {
        variable: Var,
        value: Label,
        base: Table,
        own: Current,
        inner: Box<Future>,
    },
    /// The same, opened at the first poll by the body of a function.
    AddedInside {
        variable: Var,
        maker: Strand,
        inner: Box<Future>,
    },
    /// The same, which begins at the first poll: before that, its arguments are dropped in the scope of the code that drops it.
    Entry {
        start: Table,
        inner: Box<Future>,
    },
    /// A task drops what it keeps before it is ready.
    Task(Box<Future>),
}
impl World {
    pub(super) fn make(
        &mut self,
        strand: &Strand,
        env: &mut Env,
        fut: &Fut,
        current: Current,
    ) -> Future {
        let given = give(env, fut.give);
        // The wrappers see what the body that makes them still keeps, since the inner body has not begun.
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
                Layer::Detached | Layer::Batch => scoped(Table::default(), inner),
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
                    let id = self.from(current, looked, from).values.remove(&Var::Id);
                    let id = id.and_then(|id| id.0.parse().ok());
                    let values = id.map(|id| (Var::Id, id)).into_iter().collect();
                    let of = self.new_scope();
                    let start = Table { of, values };
                    Future::Entry { start, inner }
                }
            };
        }
        future
    }

    pub(super) fn annotated(&self, inner: Box<Future>, current: Current) -> Future {
        Future::Annotated {
            captured: self.capture(current),
            joined: None,
            own: None,
            inner,
        }
    }

    /// The scope that a future is polled in, opened at the first poll.
    pub(super) fn scope_of(&mut self, future: &mut Future, current: Current) -> Current {
        match future {
            Future::Annotated {
                own: own @ None,
                captured,
                joined,
                ..
            } => {
                let counts = current
                    .is_some_and(|scope| !self.scopes[scope].vacant || captured.values.is_empty());
                if counts {
                    *joined = Some(None);
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
                values.values.insert(*variable, value.clone());
                *own = self.open_new(values);
                *own
            }
            Future::Annotated { own, .. }
            | Future::Scoped { own, .. }
            | Future::Added { own, .. } => *own,
            _ => current,
        }
    }

    pub(super) fn poll(&mut self, future: &mut Future, current: Current) -> Poll {
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
        if let Future::Entry { start, .. } = future {
            let start = std::mem::take(start);
            if let Future::Entry { inner, .. } = std::mem::replace(future, Future::Gone) {
                *future = scoped(start, inner);
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
            Future::AddedInside { .. } | Future::Entry { .. } | Future::Gone => {
                unreachable!("it is not polled again")
            }
        };
        if !matches!(poll, Poll::Pending) {
            *future = Future::Gone;
        }
        if let Future::Annotated {
            joined: Some(joined),
            ..
        } = future
        {
            *joined = self.values(scope).of;
        }
        poll
    }

    pub(super) fn poll_to_end(&mut self, future: &mut Future, current: Current) -> Poll {
        loop {
            match self.poll(future, current) {
                Poll::Pending if is_forever(future) => return Poll::Pending,
                Poll::Pending => {}
                poll => return poll,
            }
        }
    }

    /// R4: where a future is dropped. It belongs to what it captured, where the current scope is another one.
    fn scope_of_drop(&mut self, future: &mut Future, current: Current) -> Current {
        let here = self.values(current);
        let is_foreign = |captured: &Table, joined: Option<Option<usize>>| {
            let is_of = current.is_some() && (joined == Some(here.of) || captured.of == here.of);
            !captured.values.is_empty() && !is_of && !here.holds_all_of(captured)
        };
        match future {
            Future::Annotated {
                own: own @ None,
                captured,
                joined,
                ..
            } => {
                if is_foreign(captured, *joined) {
                    *own = self.open(std::mem::take(captured));
                    *own
                } else if joined.is_some() || current.is_some() {
                    current
                } else {
                    self.scope_of(future, current)
                }
            }
            Future::Added {
                own: None, base, ..
            } if is_foreign(base, None) => self.scope_of(future, None),
            _ => self.scope_of(future, current),
        }
    }

    /// R5.
    pub(super) fn drop_future(&mut self, mut future: Future, current: Current) {
        let scope = self.scope_of_drop(&mut future, current);
        match future {
            Future::Annotated { inner, .. }
            | Future::Scoped { inner, .. }
            | Future::Added { inner, .. }
            | Future::AddedInside { inner, .. }
            | Future::Entry { inner, .. }
            | Future::Task(inner) => self.drop_future(*inner, scope),
            Future::Running(running) => self.end(*running, scope),
            Future::Gone => {}
        }
    }

    pub(super) fn drop_env(&mut self, env: Env, current: Current) {
        for kept in env.kept {
            self.drop_future(kept, current);
        }
    }
}

pub(super) fn scoped(start: Table, inner: Box<Future>) -> Future {
    Future::Scoped {
        start,
        own: None,
        inner,
    }
}
fn is_forever(future: &Future) -> bool {
    match future {
        Future::Annotated { inner, .. }
        | Future::Scoped { inner, .. }
        | Future::Added { inner, .. }
        | Future::AddedInside { inner, .. }
        | Future::Entry { inner, .. }
        | Future::Task(inner) => is_forever(inner),
        Future::Running(running) => matches!(running.waiting, Waiting::Forever),
        Future::Gone => false,
    }
}
