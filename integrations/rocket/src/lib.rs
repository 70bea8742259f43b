#![doc = include_str!("../README.md")]

mod body;
mod fairing;
mod routes;

pub use self::fairing::ContextFairing;
pub use self::routes::{catchers_in_scope, routes_in_scope};
