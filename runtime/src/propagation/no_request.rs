//! The same without entries, which alone ask for it: nothing.

use std::convert::Infallible;
use std::marker::PhantomData;

/// There is none.
#[derive(Clone, Copy, Debug)]
pub enum Http<'c> {
    /// Never made.
    Never(Infallible, PhantomData<&'c ()>),
}

/// Nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head<'c>(PhantomData<&'c ()>);
