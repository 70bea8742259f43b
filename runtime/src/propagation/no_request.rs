//! Placeholders for `request.rs` without the feature `request-id`: only entries use these types.

use std::convert::Infallible;
use std::marker::PhantomData;

/// An HTTP carrier, which does not exist without entries.
#[derive(Clone, Copy, Debug)]
pub enum Http<'c> {
    /// Never constructed.
    Never(Infallible, PhantomData<&'c ()>),
}

/// Empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head<'c>(PhantomData<&'c ()>);
