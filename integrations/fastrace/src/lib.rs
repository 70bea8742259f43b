#![doc = include_str!("../README.md")]

mod local_parent;

pub use self::local_parent::LocalParent;
