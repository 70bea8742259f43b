use std::env;
use std::io::{IsTerminal, stdout};

/// Colors text on a terminal, and leaves it plain otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Paint(bool);

impl Paint {
    /// Colors that are readable on dark and light backgrounds, and differ from the red and green of a verdict.
    const IDS: [u8; 8] = [33, 172, 134, 37, 205, 142, 99, 67];

    /// Plain text.
    pub const PLAIN: Self = Self(false);
    /// Colored text, even if the standard output is not a terminal.
    pub const COLOURED: Self = Self(true);

    /// Returns colored text if the standard output is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn for_stdout() -> Self {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(stdout().is_terminal() && !no_color)
    }

    /// Returns `text` in green if `right` is `true`, otherwise in red.
    #[must_use]
    pub fn verdict(self, right: bool, text: &str) -> String {
        self.coded(if right { "1;32" } else { "1;31" }, text)
    }

    /// Returns `text` in bold.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.coded("1", text)
    }

    /// Returns `text` with every occurrence of an id in the color of that id.
    #[must_use]
    pub fn ids(self, ids: &[&str], text: &str) -> String {
        let coloured = ids.iter().zip(Self::IDS.iter().cycle());
        coloured.fold(text.to_owned(), |text, (id, colour)| {
            text.replace(id, &self.coded(&format!("1;38;5;{colour}"), id))
        })
    }

    fn coded(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_has_its_own_color() {
        let painted = Paint::COLOURED.ids(&["a", "b"], "a=b");
        assert_eq!(painted, "\x1b[1;38;5;33ma\x1b[0m=\x1b[1;38;5;172mb\x1b[0m");
        assert_eq!(Paint::PLAIN.ids(&["a", "b"], "a=b"), "a=b");
    }
}
