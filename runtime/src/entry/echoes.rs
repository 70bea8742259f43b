//! The set of response headers that an entry sets, so that an inner entry can leave them to an outer one.

use std::sync::{Mutex, PoisonError};

use http::HeaderName;

use super::field::Field;
use crate::context::request_tag::Handled;

/// A response header, by its variable and its name. With `true`, its name in `Access-Control-Expose-Headers`.
type Echo = (u32, HeaderName, bool);

/// The headers that have been assigned a bit, in the order of the bits. [`Handled::TRACE`] is not one of them.
static KNOWN: Mutex<Vec<Echo>> = Mutex::new(Vec::new());

/// Returns the set of response headers of `fields`.
pub(super) fn of<'f>(fields: impl Iterator<Item = &'f Field>) -> Handled {
    let mut echoes = Handled::default();
    for field in fields.filter(|field| field.echo) {
        let Some(name) = field.header_name() else {
            continue;
        };
        echoes = echoes.and(bit_of((field.index, name.clone(), false)));
        if field.expose {
            echoes = echoes.and(bit_of((field.index, name.clone(), true)));
        }
    }
    echoes
}

fn bit_of(echo: Echo) -> Handled {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let position = known.iter().position(|other| *other == echo);
    let bit = Handled::bit(1 + position.unwrap_or(known.len()));
    // Bounded, so that a program that creates entries repeatedly does not leak memory.
    if position.is_none() && known.len() < Handled::BITS {
        known.push(echo);
    }
    bit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_beyond_the_bits_are_never_left_to_another_entry() {
        let echoes: Vec<Handled> = (0..40)
            .map(|n| bit_of((n, HeaderName::try_from(format!("x-{n}")).unwrap(), false)))
            .collect();
        let all = echoes
            .iter()
            .fold(Handled::default(), |all, echo| all.and(*echo));
        assert!(Handled::default().includes(Handled::default()));
        assert!(all.includes(echoes[0]) && !echoes[1].includes(echoes[0]));
        assert!(!all.includes(echoes[39]) && !all.includes(all));
        assert!(!all.includes(Handled::TRACE));
        assert_eq!(
            bit_of((0, HeaderName::from_static("x-0"), false)),
            echoes[0]
        );
        assert_ne!(bit_of((0, HeaderName::from_static("x-0"), true)), echoes[0]);
        assert_eq!(KNOWN.lock().unwrap().len(), Handled::BITS);
    }
}
