//! Where the entries of this program look: what a layer removes from an untrusted request.
//!
//! A layer knows its own variables, and those of every entry that was made before the request came. `#[context_entry]`
//! makes its entry at its first call, which may be behind the layer, in a task that has lost the scope of the request, and
//! with it the tag that says that the request is not trusted. So the layer leaves a header that says how many keys it
//! knew; what an entry looks for beyond them is not read from such headers.

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

/// The name of the header that an untrusted request has behind a layer.
pub(crate) const CLEANED: &str = "x-propagate-context-cleaned";

/// Whether any request has that header.
static HAS_CLEANED: AtomicBool = AtomicBool::new(false);

/// Tells our header from that of another process, whose layer knew other keys.
static PROCESS: LazyLock<String> = LazyLock::new(|| Uuid::new_v4().simple().to_string());

/// Notes the keys of `field`, and returns their number. Those that are known already are not noted again, so that a program
/// that makes entries forever does not grow by them.
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

/// Calls `each` with the headers and the member of `baggage` of each variable, and returns what the header
/// [`CLEANED`] says then.
pub(crate) fn visit(mut each: impl FnMut(&[Key], Option<&'static str>)) -> Option<HeaderValue> {
    HAS_CLEANED.store(true, Ordering::Relaxed);
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .iter()
        .for_each(|keys| each(&keys.headers, keys.member));
    HeaderValue::try_from(format!("{}-{}", *PROCESS, known.len())).ok()
}

/// How many keys were known to the layer that removed them from the request, where one did.
#[inline]
pub(super) fn removed_from(source: CarrierView<'_>) -> Option<usize> {
    if HAS_CLEANED.load(Ordering::Relaxed) {
        read_cleaned(source)
    } else {
        None
    }
}

/// The fewest, where several layers did.
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
