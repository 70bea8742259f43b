#![doc = include_str!("../README.md")]

mod current_hub;
mod options;
mod panic_lines;
mod transactions;
mod variables;

pub use self::current_hub::CurrentHub;
pub use self::options::with_context;
pub use self::panic_lines::is_not_panic_line;
pub use self::transactions::{TransactionTags, tag_transaction};
