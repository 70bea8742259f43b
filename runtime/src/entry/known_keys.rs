//! Where the entries of this program look: what a layer removes from an untrusted request.
//!
//! A layer knows its own variables, and those of every entry that was made before the request came. An entry that is
//! made later, by its first call, finds in the request's tag that it is not trusted.

use std::sync::{Mutex, PoisonError};

use super::field::Field;
use super::key::Key;

struct Keys {
    headers: Vec<Key>,
    member: Option<&'static str>,
}

static KNOWN: Mutex<Vec<Keys>> = Mutex::new(Vec::new());

/// Notes the keys of `field`. Those that are known already are not noted again, so that a program that makes entries
/// forever does not grow by them.
pub(super) fn note(field: &Field) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_known = known
        .iter()
        .any(|keys| keys.member == field.member && keys.headers == field.keys);
    if !is_known {
        known.push(Keys {
            headers: field.keys.clone(),
            member: field.member,
        });
    }
}

/// Calls `each` with the headers and the member of `baggage` of each variable.
pub(crate) fn visit(mut each: impl FnMut(&[Key], Option<&'static str>)) {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .iter()
        .for_each(|keys| each(&keys.headers, keys.member));
}
