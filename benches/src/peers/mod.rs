//! What else is there to carry a request's values along, each used as its own documentation does.

mod emit;
mod fastrace;
mod metainfo;
mod opentelemetry;
mod tokio;
mod tower_http;
mod tracing;

use crate::Case;
use crate::sizes::More;

pub(crate) fn cases() -> Vec<Case> {
    [
        tokio::cases(),
        tracing::cases(),
        opentelemetry::cases(),
        fastrace::cases(),
        emit::cases(),
        metainfo::cases(),
        tower_http::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What each of them adds to a future, and to a task.
pub(crate) fn sizes() -> Vec<(&'static str, More)> {
    let mut sizes = tokio::sizes();
    sizes.extend([
        tracing::sizes(),
        opentelemetry::sizes(),
        fastrace::sizes(),
        emit::sizes(),
        metainfo::sizes(),
    ]);
    sizes
}

/// A value with a type of its own, for what knows values by their types.
#[derive(Clone)]
pub(crate) struct Typed<const ROW: usize, const COLUMN: usize>(pub(crate) u64);

/// `[function::<0, 0>, function::<0, 1>, ..]`, 256 of them.
macro_rules! of_each_type {
    ($function:ident) => {
        of_each_type!($function, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($function:ident, $($row:literal)*) => {
        [$(of_each_type!($function; $row; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)),*].concat()
    };
    ($function:ident; $row:literal; $($column:literal)*) => {
        vec![$($function::<$row, $column>),*]
    };
}
pub(crate) use of_each_type;
