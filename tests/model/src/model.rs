//! The rules, with scopes that are numbers and futures that are state machines.
//!
//! The current scope is passed from poll to poll. A task runs to its end where it is spawned: a scope belongs to one
//! task, so what the task sees does not depend on anything that happens later.

mod block;
mod body;
mod future;

use std::collections::BTreeMap;

use self::future::{Future, Poll};
use crate::program::{From, Place, Program, Var};
use crate::strand::{Event, Label, Seen, Strand, Values};

/// Values, and the scope that they belong to: `None` if nothing was ever written. A snapshot has the one of the scope that
/// it was taken in.
#[derive(Clone, Debug, Default)]
struct Table {
    of: Option<usize>,
    values: BTreeMap<Var, Label>,
}

impl Table {
    /// R4: whether a scope with these values holds all that was captured.
    fn holds_all_of(&self, captured: &Self) -> bool {
        let holds = |(variable, value)| self.values.get(variable) == Some(value);
        captured.values.iter().all(holds)
    }
}

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
    /// Opened by an annotated function on an empty capture, and not written to yet: R4.
    vacant: bool,
}

#[derive(Debug, Default)]
struct World {
    scopes: Vec<Scope>,
    /// How many scopes were opened with a value of their own.
    opened: usize,
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
    /// The result of each task.
    tasks: Vec<Option<Env>>,
}

impl World {
    #[expect(clippy::unnecessary_wraps, reason = "the new current scope")]
    fn open(&mut self, values: Table) -> Current {
        self.scopes.push(Scope {
            values,
            vacant: false,
        });
        Some(self.scopes.len() - 1)
    }

    /// A scope that is not a child of the one that its values come from.
    fn open_new(&mut self, mut values: Table) -> Current {
        values.of = self.new_scope();
        self.open(values)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the type of the field of a table")]
    fn new_scope(&mut self) -> Option<usize> {
        self.opened += 1;
        Some(self.opened)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the new current scope")]
    fn open_annotated(&mut self, captured: Table) -> Current {
        let vacant = captured.values.is_empty();
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
        values.values.remove(&Var::TaskOnly);
        if values.values.is_empty() {
            values.of = None;
        }
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
        let new = self.new_scope();
        let scope = &mut self.scopes[current?];
        scope.vacant = false;
        let values = &mut scope.values;
        values.of = values.of.or(new);
        let previous = values.values.insert(variable, value.clone());
        Some(Token {
            variable,
            value,
            previous,
        })
    }

    /// R2.
    fn reset(&mut self, current: Current, token: Token) {
        let Some(scope) = current else { return };
        let values = &mut self.scopes[scope].values.values;
        if values.get(&token.variable) == Some(&token.value) {
            match token.previous {
                Some(previous) => values.insert(token.variable, previous),
                None => values.remove(&token.variable),
            };
        }
    }

    fn from(&self, current: Current, env: &Env, from: From) -> Table {
        match from {
            From::Empty => Table::default(),
            From::Kept(index) if !env.snapshots.is_empty() => {
                env.snapshots[index % env.snapshots.len()].clone()
            }
            From::Current | From::Kept(_) => self.capture(current),
        }
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

impl Place {
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
fn show(values: &Table) -> Values {
    Var::ALL.map(|variable| values.values.get(&variable).cloned())
}
