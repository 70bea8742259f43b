use std::env;

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For humans.
    Text,
    /// For programs.
    Json,
}

impl Format {
    /// Returns the format in the environment variable `LOG_FORMAT`, or text if it is not set.
    ///
    /// # Errors
    ///
    /// Returns an error if `LOG_FORMAT` is neither `json` nor `text`.
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
