//! The part of a measurement that runs in a separate process.

use std::env;

use crate::child::{ALLOCATIONS, COUNTED, TIMED};
use crate::{Case, callgrind, cases, memory, times};

/// Has to be called first in `main` of each program that measures: runs the part for which the parent has started it.
///
/// Returns `true` if there was one; then `main` has to return.
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
