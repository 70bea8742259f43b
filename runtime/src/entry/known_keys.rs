//! The keys of all entries of the process, which a layer removes from an untrusted request.
//!
//! A layer knows the keys of every entry that was created before the request arrived. `#[context_entry]` creates its
//! entry on the first call. This call may happen inside the layer, in a task that has lost the scope of the request and
//! with it the tag of an untrusted request. So the layer adds a header with the number of keys that it knows. An entry
//! does not read keys that were registered later from a request with this header.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use http::HeaderValue;
use uuid::Uuid;

use super::field::Field;
use super::key::Key;
use super::source::CarrierView;

struct Keys {
    headers: Vec<Key>,
    member: Option<&'static str>,
}

static KNOWN: Mutex<Vec<Keys>> = Mutex::new(Vec::new());

/// The name of the header that a layer adds to an untrusted request.
pub(crate) const CLEANED: &str = "x-propagate-context-cleaned";

/// Whether a layer of this process has added this header to any request.
static HAS_CLEANED: AtomicBool = AtomicBool::new(false);

/// Distinguishes the header from that of another process, whose layer knew other keys.
static PROCESS: LazyLock<String> = LazyLock::new(|| Uuid::new_v4().simple().to_string());

/// Registers the keys of `field` and returns their number. Keys that are already known are not added again, so that a
/// program that creates entries repeatedly does not leak memory.
pub(super) fn note(field: &Field) -> usize {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let number = known
        .iter()
        .position(|keys| keys.member == field.member && keys.headers == field.keys);
    number.unwrap_or_else(|| {
        known.push(Keys {
            headers: field.keys.clone(),
            member: field.member,
        });
        known.len() - 1
    })
}

/// Calls `each` with the headers and the baggage member of each variable, and returns the value for the header
/// [`CLEANED`].
pub(crate) fn visit(mut each: impl FnMut(&[Key], Option<&'static str>)) -> Option<HeaderValue> {
    HAS_CLEANED.store(true, Ordering::Relaxed);
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .iter()
        .for_each(|keys| each(&keys.headers, keys.member));
    HeaderValue::try_from(format!("{}-{}", *PROCESS, known.len())).ok()
}

/// Returns the number of keys known to the layer that removed them from the request, or `None` if no layer has
/// removed keys.
#[inline]
pub(super) fn removed_from(source: CarrierView<'_>) -> Option<usize> {
    if HAS_CLEANED.load(Ordering::Relaxed) {
        read_cleaned(source)
    } else {
        None
    }
}

/// Returns the smallest number if several layers have removed keys.
#[cold]
fn read_cleaned(source: CarrierView<'_>) -> Option<usize> {
    static KEY: Key = Key::known(CLEANED);
    let mut fewest: Option<usize> = None;
    source.visit(&KEY, |raw| {
        let text = std::str::from_utf8(raw.bytes).unwrap_or_default();
        let count = text
            .strip_prefix(&**PROCESS)
            .and_then(|rest| rest.strip_prefix('-')?.parse().ok());
        fewest = match (fewest, count) {
            (Some(fewest), Some(count)) => Some(fewest.min(count)),
            (fewest, count) => fewest.or(count),
        };
    });
    fewest
}

#[cfg(test)]
mod tests {
    use crate::ContextVar;
    use crate::entry::Entry;

    static HEADER: ContextVar<String> = ContextVar::new("header").header("x-known-key");
    static MEMBER: ContextVar<String> = ContextVar::new("member").baggage("known-key");

    #[test]
    fn the_keys_of_a_variable_are_noted_once() {
        let number = |variable: &'static ContextVar<String>| {
            let entry = Entry::new().extract(variable);
            let mut fields = entry.fields();
            let field = fields.find(|field| field.variable.name() == variable.name());
            field.map(|field| field.keys_number)
        };
        let numbers = [number(&HEADER), number(&MEMBER)];
        assert_ne!(numbers[0], numbers[1]);
        assert_eq!([number(&HEADER), number(&MEMBER)], numbers);
    }
}
