//! The output of a subscriber.

use std::{
    fmt, io, mem,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

/// A writer that stores its output. Clones share the output.
///
/// For a subscriber: `.with_writer({ let output = output.clone(); move || output.clone() })`.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// Removes and returns the output since the last call.
    ///
    /// # Panics
    ///
    /// Panics if the output is not UTF-8.
    pub fn take(&self) -> String {
        let bytes = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8(bytes).expect("what is logged is UTF-8")
    }

    /// Waits until other threads have written this number of lines, and returns them.
    ///
    /// # Panics
    ///
    /// Panics if the output is not UTF-8.
    #[must_use]
    pub fn take_lines(&self, count: usize) -> String {
        let mut written = self.take();
        while written.lines().count() < count {
            thread::yield_now();
            written.push_str(&self.take());
        }
        written
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the members of the JSON object in `line` in their order, including duplicates.
///
/// # Panics
///
/// Panics if `line` is not a JSON object.
#[must_use]
pub fn members(line: &str) -> Vec<(String, Value)> {
    let Members(members) =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    members
}

struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
