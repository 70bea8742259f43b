use std::env;
use std::io::{IsTerminal, stdout};

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For machines: what a pipe gets.
    Json,
    /// For people: what a terminal gets.
    Text,
}

impl Format {
    /// What `LOG_FORMAT` says, else what fits the standard output.
    ///
    /// # Errors
    ///
    /// If `LOG_FORMAT` is neither `json` nor `text`.
    pub fn from_env() -> Result<Self, String> {
        match env::var("LOG_FORMAT") {
            Ok(format) if format == "json" => Ok(Self::Json),
            Ok(format) if format == "text" => Ok(Self::Text),
            Ok(format) => Err(format!(
                "`LOG_FORMAT={format}` is no format: use `json` or `text`"
            )),
            Err(_) if stdout().is_terminal() => Ok(Self::Text),
            Err(_) => Ok(Self::Json),
        }
    }
}
