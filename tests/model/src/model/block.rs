//! Synchronous code: blocks in a scope, closures in a snapshot.

use super::body::{Running, Step, body};
use super::future::Poll;
use super::{Current, Env, Table, World, give};
use crate::program::{Block, Body, Calls, From};
use crate::strand::Event;

impl World {
    pub(super) fn sync(
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
                values.values.insert(variable, strand.label());
                self.open_new(values)
            }
            Block::Context(from) | Block::Message(from) => {
                let values = self.from(current, looked, from);
                self.open(values)
            }
            Block::Annotated if current.is_none() => self.open_annotated(Table::default()),
            Block::Annotated | Block::Catch => current,
            Block::Detached | Block::Batch => self.open(Table::default()),
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

    pub(super) fn wrap(
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
