//! A layer's table of call sites. Each event is looked up in it, so it is read without a lock.

use std::fmt;
use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::store::Counts;

/// The number of places in the table. Call sites that do not fit are looked up under a lock at each event.
const PLACES: usize = 2048;
/// The number of places that are tried for a call site.
const TRIES: usize = 8;

/// The result of a look-up.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// In third-party code, which is not counted.
    ThirdParty,
    Counted(Arc<Counts>),
}

#[derive(Default)]
struct Place {
    /// 0 if the place is free. Written after `known`.
    key: AtomicUsize,
    known: OnceLock<Known>,
}

/// A table of fixed size, to which call sites are only added.
pub(super) struct Callsites {
    places: Box<[Place]>,
    adding: Mutex<()>,
    /// Hashes keys that are not addresses.
    hasher: RandomState,
}

impl Callsites {
    pub(super) fn hasher(&self) -> DefaultHasher {
        self.hasher.build_hasher()
    }

    /// Returns the key of a call site that has no address of its own.
    pub(super) fn key_of(hasher: &DefaultHasher) -> usize {
        let hash = hasher.finish();
        // Addresses are even, so these keys are never mistaken for one.
        usize::try_from(hash >> (u64::BITS - usize::BITS)).unwrap_or_default() | 1
    }

    #[inline]
    pub(super) fn get(&self, key: usize) -> Option<&Known> {
        let start = start(key);
        for place in self.places.get(start..start + TRIES)? {
            let found = place.key.load(Ordering::Acquire);
            if found == key {
                return place.known.get();
            }
            if found == 0 {
                break;
            }
        }
        None
    }

    /// Takes a place for a call site, if there is a free one.
    #[cold]
    pub(super) fn add(&self, key: usize, known: &Known) {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let start = start(key);
        let places = self.places.get(start..start + TRIES);
        for place in places.into_iter().flatten() {
            match place.key.load(Ordering::Relaxed) {
                0 => {
                    if place.known.set(known.clone()).is_ok() {
                        place.key.store(key, Ordering::Release);
                    }
                    return;
                }
                taken if taken == key => return,
                _ => {}
            }
        }
    }
}

/// The index where the search for a key begins. The low bits of addresses are nearly constant.
fn start(key: usize) -> usize {
    let mixed = key.wrapping_mul(0x9E37_79B1);
    (mixed >> 16) & (PLACES - 1)
}

impl Default for Callsites {
    fn default() -> Self {
        Callsites {
            places: std::iter::repeat_with(Place::default)
                .take(PLACES + TRIES)
                .collect(),
            adding: Mutex::default(),
            hasher: RandomState::new(),
        }
    }
}

impl fmt::Debug for Callsites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callsites").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::Hash;
    use std::sync::Arc;

    use super::{Callsites, Known, PLACES, TRIES, start};

    #[test]
    fn call_sites_beyond_the_limit_are_not_found() {
        let callsites = Callsites::default();
        let keys = (1..=4 * PLACES).map(|number| number * 48);
        for key in keys.clone() {
            callsites.add(key, &Known::ThirdParty);
        }
        let found = keys.filter(|key| callsites.get(*key).is_some()).count();
        assert!(found > PLACES / 2 && found <= PLACES + TRIES, "{found}");
        assert!(callsites.get(1).is_none());
        assert_eq!(format!("{callsites:?}"), "Callsites { .. }");
    }

    /// Keys whose search begins at the same index are stored as long as there are free places.
    #[test]
    fn places_that_are_taken() {
        let keys = (0..=TRIES).map(|number| 48 + (number << 27));
        assert!(keys.clone().all(|key| start(key) == start(48)));
        let callsites = Callsites::default();
        for (number, key) in keys.clone().enumerate() {
            let counted = Known::Counted(Arc::default());
            let known = [Known::ThirdParty, counted][number % 2].clone();
            for _again in 0..2 {
                callsites.add(key, &known);
            }
        }
        let third_party = |key| Some(matches!(callsites.get(key)?, Known::ThirdParty));
        let expected = (0..=TRIES).map(|number| (number < TRIES).then_some(number % 2 == 0));
        assert!(keys.map(third_party).eq(expected));
    }

    #[test]
    fn keys_that_are_not_addresses_are_odd() {
        let callsites = Callsites::default();
        for number in 0..64 {
            let mut hasher = callsites.hasher();
            number.hash(&mut hasher);
            assert_eq!(Callsites::key_of(&hasher) % 2, 1);
        }
    }
}
