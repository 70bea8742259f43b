//! A model of the rules R1 to R9, and random programs that the runtime and the model run alike.
//!
//! A [`program`] is a tree of operations on scopes, futures, tasks and threads. [`real`] runs it with the crate, on both
//! runtimes of tokio; [`model`] runs it with scopes that are numbers and futures that are state machines, with nothing
//! that belongs to a thread. Each strand of a program (a body that runs, a destructor) writes down what it reads. Both
//! must have seen the same. [`generate`] makes programs of a seed, [`shrink`] makes them smaller.

pub mod generate;
pub mod model;
pub mod program;
pub mod real;
pub mod shrink;
pub mod strand;

use program::Program;
use strand::Seen;

/// What the two saw, where it is not the same.
#[derive(Debug)]
pub struct Difference {
    /// What the rules say.
    pub model: Seen,
    /// What happened.
    pub real: Seen,
}

/// Runs `program` both ways.
///
/// # Errors
///
/// Where they do not see the same.
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
