use std::env;

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Format {
    /// The format that `LOG_FORMAT` names, or text.
    ///
    /// # Errors
    ///
    /// If `LOG_FORMAT` is neither `json` nor `text`.
    pub fn from_env() -> Result<Self, String> {
        match env::var("LOG_FORMAT") {
            Err(_) => Ok(Self::Text),
            Ok(format) if format == "text" => Ok(Self::Text),
            Ok(format) if format == "json" => Ok(Self::Json),
            Ok(format) => Err(format!(
                "unknown `LOG_FORMAT={format}`; use `text` or `json`"
            )),
        }
    }
}
