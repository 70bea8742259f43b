#![doc = include_str!("../README.md")]

mod client;
mod middleware;
mod redirect;

pub use self::client::OutboundContext;
