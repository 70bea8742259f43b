//! A model of the rules R1 to R9, and random programs that both the runtime and the model run.
//!
//! A [`program`] is a tree of operations on scopes, futures, tasks and threads. [`real`] runs it with the crate, on both
//! runtimes of tokio; [`model`] runs it with scopes that are numbers and futures that are state machines, without
//! thread-local state. Each strand of a program (a body that runs, a destructor) records what it reads. Both records
//! must be equal. [`generate`] makes a program from a seed, [`shrink`] makes it smaller.

pub mod generate;
pub mod model;
pub mod program;
pub mod real;
pub mod shrink;
pub mod strand;

use program::Program;
use strand::Seen;

/// What the two runs saw, where that differs.
#[derive(Debug)]
pub struct Difference {
    /// What the rules say.
    pub model: Seen,
    /// What happened.
    pub real: Seen,
}

/// Runs `program` in the model and in the runtime.
///
/// # Errors
///
/// If they see different values.
pub fn compare(program: &Program) -> Result<(), Box<Difference>> {
    let model = model::run(program);
    let real = real::run(program);
    if model == real {
        Ok(())
    } else {
        Err(Box::new(Difference { model, real }))
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: std::collections::BTreeSet<_> =
            self.model.keys().chain(self.real.keys()).collect();
        for name in names {
            let (model, real) = (self.model.get(name), self.real.get(name));
            if model != real {
                writeln!(
                    f,
                    "strand {name}\n    rules: {}\n    real:  {}",
                    events(model),
                    events(real)
                )?;
            }
        }
        Ok(())
    }
}

fn events(events: Option<&Vec<strand::Event>>) -> String {
    let events = events
        .into_iter()
        .flatten()
        .map(|event| format!("{event:?}"));
    events.collect::<Vec<_>>().join(", ")
}
