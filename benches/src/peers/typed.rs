//! Hundreds of types, for libraries that identify values by their types.

/// A value with a distinct type.
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
