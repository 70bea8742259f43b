//! The parts of a program.

use std::fmt::{self, Write as _};

/// A variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Var {
    /// A plain one, which crosses processes in a header.
    Id,
    /// A plain one.
    User,
    /// One that children do not inherit.
    TaskOnly,
    /// One with a default.
    Locale,
}

impl Var {
    /// In the order of [`Values`](crate::strand::Values).
    pub const ALL: [Self; 4] = [Self::Id, Self::User, Self::TaskOnly, Self::Locale];
}

/// The statements of one function.
pub type Body = Vec<Op>;

/// One statement. An index that is too large wraps around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Reads every variable.
    Read,
    /// Writes a new value, and keeps the token.
    Set(Var),
    /// Resets the token at this index, whichever scope it came from.
    Reset(usize),
    /// Is pending once.
    Yield,
    /// Keeps a snapshot.
    Snapshot,
    /// Reads the snapshot at this index.
    Look(usize),
    /// A local variable whose destructor reads, and may write.
    Guard(Option<Var>),
    /// Panics.
    Panic,
    /// Runs a body synchronously.
    Sync(Block, bool, Body),
    /// Makes a closure in a snapshot, calls it and drops it.
    Wrap(Calls, From, Place, Body),
    /// Makes a future and awaits it.
    Await(Fut),
    /// The same, and continues after a panic.
    Catch(Fut),
    /// Makes a future and keeps it.
    Make(Fut),
    /// Polls a kept future once.
    Poll(usize, Place),
    /// Awaits a kept future.
    AwaitKept(usize),
    /// Drops a kept future.
    DropKept(usize, Place),
    /// Polls all of them until all are ready.
    Join(Vec<Fut>),
    /// Polls all of them until one is ready, and drops the others.
    Select(Vec<Fut>),
    /// Spawns a task, and keeps its handle.
    Spawn(Spawner, Fut),
    /// Spawns a blocking task, and keeps its handle.
    Blocking(Spawner, bool, Body),
    /// Spawns a task that is never ready, and aborts it when its last statement is reached.
    Abort(Spawner, Fut),
    /// Awaits all tasks that this body has spawned.
    AwaitTasks,
    /// Stays pending: the last statement of a task that is aborted.
    Forever,
}

/// A future: a body and its wrappers, the innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fut {
    /// Whether the tokens, snapshots and kept futures of the body that makes it move into it. They are returned when it is
    /// ready.
    pub give: bool,
    /// What it does.
    pub body: Body,
    /// Its wrappers, the innermost first.
    pub layers: Vec<Layer>,
}

/// A wrapper of a future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// An annotated function that awaits it.
    Annotated(Shape),
    /// `#[propagate_context(detached)]`.
    Detached,
    /// `#[propagate_context(set(..))]` on an async function.
    Set(Var),
    /// The same on a function that returns a future.
    SetCall(Var),
    /// `VAR.scope(..)`.
    Scope(Var),
    /// `.in_context(..)`.
    InContext(From),
    /// A message that carries a snapshot.
    Message(From),
    /// A batch of messages.
    Batch,
    /// `#[context_entry(carrier = ..)]`.
    Entry(From),
}

/// How an annotated function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `async fn`.
    Async,
    /// `async fn` with a generic future.
    Generic,
    /// A method of an annotated `impl`.
    Method,
    /// `fn .. -> impl Future`.
    ImplFuture,
    /// `fn .. -> Pin<Box<dyn Future>>`.
    Boxed,
    /// `fn .. -> impl Stream`.
    Stream,
    /// An annotated `async` block in an annotated function.
    Block,
}

/// Where a snapshot comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// `Context::empty()`.
    Empty,
    /// `Context::current()`.
    Current,
    /// The kept one at this index; the current one if none is kept.
    Kept(usize),
}

/// In what a body runs synchronously.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// `VAR.sync_scope(..)`.
    Scope(Var),
    /// `context.sync_scope(..)`.
    Context(From),
    /// An annotated function.
    Annotated,
    /// One with `detached`.
    Detached,
    /// One with `set(..)`.
    Set(Var),
    /// `message.run(..)`.
    Message(From),
    /// `batch.run(..)`.
    Batch,
    /// A thread that is joined.
    Thread,
    /// A thread that an annotated function spawns.
    AnnotatedThread,
    /// `catch_unwind`.
    Catch,
}

/// The kind of a closure, and how often it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// `Context::wrap`, called or not.
    Once(bool),
    /// `Context::wrap_mut`.
    Mut(u8),
    /// `Context::wrap_fn`.
    Fn(u8),
}

/// The thread that something runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The current one.
    Here,
    /// A new one.
    Thread,
}

/// What spawns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spawner {
    /// tokio's own, in code that is not annotated.
    Plain,
    /// That of `propagate_context::task`.
    Task,
    /// tokio's own, of a future in the current context.
    InCurrent,
    /// tokio's own, in an annotated function.
    Annotated,
    /// The same with `#[detached]`.
    Detached,
}

/// A whole program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The runtime that it runs on.
    pub runtime: Runtime,
    /// What it does.
    pub root: Fut,
}

/// A runtime of tokio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// `current_thread`, by `block_on`.
    Current,
    /// `multi_thread`, by `block_on`.
    Multi,
    /// `multi_thread`, in a task.
    MultiTask,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "on {:?}:", self.runtime)?;
        show_fut(f, &self.root, 1)
    }
}

fn show_fut(f: &mut fmt::Formatter<'_>, fut: &Fut, depth: usize) -> fmt::Result {
    let mut head = if fut.give {
        "async move (with all that is kept)".to_owned()
    } else {
        "async".to_owned()
    };
    for layer in &fut.layers {
        write!(head, " in {layer:?}")?;
    }
    writeln!(f, "{:1$}{head}", "", depth * 4)?;
    show_body(f, &fut.body, depth + 1)
}

fn show_body(f: &mut fmt::Formatter<'_>, body: &Body, depth: usize) -> fmt::Result {
    for op in body {
        write!(f, "{:1$}", "", depth * 4)?;
        match op {
            Op::Await(fut) => show_with(f, "Await", [fut], depth)?,
            Op::Catch(fut) => show_with(f, "Catch", [fut], depth)?,
            Op::Make(fut) => show_with(f, "Make", [fut], depth)?,
            Op::Join(futs) => show_with(f, "Join", futs, depth)?,
            Op::Select(futs) => show_with(f, "Select", futs, depth)?,
            Op::Spawn(by, fut) => show_with(f, &format!("Spawn by {by:?}"), [fut], depth)?,
            Op::Abort(by, fut) => {
                show_with(f, &format!("Abort what is spawned by {by:?}"), [fut], depth)?;
            }
            Op::Sync(block, give, body) => {
                writeln!(
                    f,
                    "run in {block:?}{}",
                    if *give { " with all that is kept" } else { "" }
                )?;
                show_body(f, body, depth + 1)?;
            }
            Op::Wrap(calls, from, place, body) => {
                writeln!(f, "closure in {from:?}, {calls:?} at {place:?}")?;
                show_body(f, body, depth + 1)?;
            }
            Op::Blocking(by, give, body) => {
                writeln!(
                    f,
                    "blocking by {by:?}{}",
                    if *give { " with all that is kept" } else { "" }
                )?;
                show_body(f, body, depth + 1)?;
            }
            op => writeln!(f, "{op:?}")?,
        }
    }
    Ok(())
}

fn show_with<'a>(
    f: &mut fmt::Formatter<'_>,
    head: &str,
    futs: impl IntoIterator<Item = &'a Fut>,
    depth: usize,
) -> fmt::Result {
    writeln!(f, "{head}")?;
    futs.into_iter()
        .try_for_each(|fut| show_fut(f, fut, depth + 1))
}
