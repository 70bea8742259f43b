//! The part of a measurement that a process of its own does.

use std::env;

use crate::child::{ALLOCATIONS, COUNTED, TIMED};
use crate::{Case, callgrind, cases, memory, times};

/// To be called first in `main` of each program that measures: does the part for which the parent has started it.
///
/// Returns whether there was one; then there is nothing else to do.
///
/// # Panics
///
/// If there is no such case.
#[must_use]
pub fn did_its_part() -> bool {
    let mut arguments = env::args().skip(1);
    let Some((part, name)) = arguments.next().zip(arguments.next()) else {
        return false;
    };
    let case = || -> Case {
        let case = cases().into_iter().find(|case| case.name() == name);
        case.unwrap_or_else(|| {
            panic!("no case `{name}`: is `counts` built with the same features?")
        })
    };
    match &*part {
        COUNTED => callgrind::run(&case()),
        TIMED => print!("{}", times::run(&name)),
        ALLOCATIONS => println!("{}", memory::run(&case())),
        _ => return false,
    }
    true
}
