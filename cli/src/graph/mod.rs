//! Finds the functions that requests reach. The rules are strict, because a wrong finding is worse than a
//! missing one.
//!
//! An edge leads from a call to a definition if the path or the type of the receiver determines the definition,
//! or if at most two definitions share the name. No edge leads through a spawn: code that runs in another task
//! is considered background work until the spawn itself is fixed.

mod methods;
mod resolve;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::ops::Range;

use crate::index::{Argument, Function, Index, Site};
use crate::source::contains;

/// The call graph.
pub(crate) struct Graph<'a> {
    pub(crate) index: &'a Index,
    by_name: HashMap<&'a str, Vec<usize>>,
    /// The first segments of paths that lead into the workspace.
    roots: HashSet<&'a str>,
    /// The definitions that each call of each function may refer to.
    callees: Vec<Vec<Vec<usize>>>,
    /// The code that runs in other tasks, for each function.
    spawned: Vec<Vec<Range<usize>>>,
}

/// How a function is reached.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    /// The function that calls it. `None` if requests start here.
    pub(crate) from: Option<usize>,
    /// Why requests start here.
    pub(crate) entry: &'static str,
}

/// The functions that requests reach.
#[derive(Default, Debug)]
pub(crate) struct Reach {
    pub(crate) functions: HashMap<usize, Reached>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(index: &'a Index) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, function) in index.functions.iter().enumerate() {
            if !function.for_tests {
                by_name.entry(&function.name).or_default().push(number);
            }
        }
        let mut roots: HashSet<&str> = index.crate_names.iter().map(String::as_str).collect();
        for function in &index.functions {
            roots.extend(
                function
                    .module
                    .iter()
                    .chain(&function.owner)
                    .chain(&function.trait_name)
                    .map(String::as_str),
            );
        }
        let mut graph = Graph {
            index,
            by_name,
            roots,
            callees: Vec::new(),
            spawned: Vec::new(),
        };
        graph.callees = index
            .functions
            .iter()
            .map(|function| {
                let calls = function.body.calls.iter();
                calls.map(|call| graph.meant(call, function)).collect()
            })
            .collect();
        graph.spawned = (0..index.functions.len())
            .map(|number| graph.spawned_in(number))
            .collect();
        graph
    }

    /// Follows the calls from the entries. `is_entry` selects the functions that the configuration names.
    pub(crate) fn reach(&self, is_entry: impl Fn(&Function) -> bool) -> Reach {
        let mut reach = Reach::default();
        let mut queue = VecDeque::new();
        let mut begin =
            |number: usize, from: Option<usize>, entry: &'static str, reach: &mut Reach| {
                reach.functions.entry(number).or_insert_with(|| {
                    queue.push_back(number);
                    Reached { from, entry }
                });
            };
        for (number, function) in self.index.functions.iter().enumerate() {
            if function.for_tests {
                continue;
            }
            if let Some(entry) = function.entry {
                begin(number, None, entry, &mut reach);
            } else if is_entry(function) {
                begin(number, None, "the configuration", &mut reach);
            }
            let mut handlers: Vec<&Vec<String>> = function.body.handlers.iter().collect();
            for (call, callees) in function.body.calls.iter().zip(&self.callees[number]) {
                if callees
                    .iter()
                    .any(|callee| self.index.functions[*callee].takes_handler)
                {
                    handlers.extend(&call.paths);
                }
            }
            for path in handlers {
                for handler in self.resolve(path, function) {
                    if self.index.functions[handler].returns_future {
                        begin(handler, None, "a router", &mut reach);
                    }
                }
            }
            for callee in self.callees_at(number, Place::Handler) {
                begin(callee, None, "a closure in a router", &mut reach);
            }
        }
        while let Some(number) = queue.pop_front() {
            let entry = reach.functions[&number].entry;
            for callee in self.callees_at(number, Place::Body) {
                reach.functions.entry(callee).or_insert_with(|| {
                    queue.push_back(callee);
                    Reached {
                        from: Some(number),
                        entry,
                    }
                });
            }
        }
        reach
    }

    /// Returns the definitions that the calls in such places of a function may refer to.
    fn callees_at(&self, number: usize, place: Place) -> Vec<usize> {
        let calls = self.index.functions[number]
            .body
            .calls
            .iter()
            .zip(&self.callees[number]);
        let calls = calls
            .filter(|(call, callees)| !callees.is_empty() && self.place(number, &call.at) == place);
        calls
            .flat_map(|(_, callees)| callees.iter().copied())
            .collect()
    }

    /// Returns the kind of place of a range in a function.
    fn place(&self, number: usize, at: &Range<usize>) -> Place {
        let handlers = self.index.functions[number]
            .body
            .handler_closures
            .iter()
            .map(|range| (range, Place::Handler));
        let spawned = self.spawned[number]
            .iter()
            .map(|range| (range, Place::Spawned));
        let around = handlers
            .chain(spawned)
            .filter(|(range, _)| contains(range, at));
        let innermost = around.min_by_key(|(range, _)| range.len());
        innermost.map_or(Place::Body, |(_, place)| place)
    }

    /// Returns the code that runs in other tasks: the arguments of spawners and of spawn helpers, and the
    /// values of variables that are passed to them.
    fn spawned_in(&self, number: usize) -> Vec<Range<usize>> {
        let function = &self.index.functions[number];
        let sites = function
            .sites
            .iter()
            .filter(|site| site.argument != Argument::Chain);
        let mut ranges: Vec<_> = sites.map(|site| site.arguments.clone()).collect();
        // Code that runs only once belongs to no request.
        ranges.extend(function.body.once.iter().cloned());
        for (call, callees) in function.body.calls.iter().zip(&self.callees[number]) {
            if callees
                .iter()
                .any(|callee| self.index.functions[*callee].is_wrapper)
            {
                ranges.push(call.arguments.clone());
            }
        }
        for (name, range) in &function.body.held {
            let is_spawned = |site: &Site| site.mentioned.len() == 1 && site.mentioned[0] == *name;
            if function.sites.iter().any(is_spawned) {
                ranges.push(range.clone());
            }
        }
        ranges
    }

    /// Whether the spawned code calls a function that loops: `spawn(self.consume_loop(rx))`.
    pub(crate) fn runs_a_loop(&self, number: usize, spawned: &Range<usize>) -> bool {
        let calls = self.index.functions[number]
            .body
            .calls
            .iter()
            .zip(&self.callees[number]);
        let mut spawned = calls.filter(|(call, _)| contains(spawned, &call.at));
        spawned.any(|(call, callees)| {
            let is_endless =
                |callee: &usize| !self.index.functions[*callee].body.endless.is_empty();
            callees.iter().any(is_endless) || says_loop(call.callee.name())
        })
    }

    /// Returns the functions that lead from an entry to a function, starting with the entry.
    pub(crate) fn chain(reach: &Reach, function: usize) -> Vec<usize> {
        let mut chain = vec![function];
        let mut seen = BTreeSet::from([function]);
        let mut at = function;
        while let Some(from) = reach.functions.get(&at).and_then(|reached| reached.from) {
            if !seen.insert(from) {
                break;
            }
            chain.insert(0, from);
            at = from;
        }
        chain
    }

    /// Whether a site is in a closure that is passed to a router.
    pub(crate) fn is_in_handler(function: &Function, site: &Site) -> bool {
        function
            .body
            .handler_closures
            .iter()
            .any(|range| contains(range, &site.name_at))
    }
}

/// Whether a name suggests an endless loop, such as `consume_loop` and `update_worker_fn`.
fn says_loop(name: &str) -> bool {
    name.split('_')
        .any(|word| word == "loop" || word == "worker")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    Spawned,
    Handler,
}
