//! `ValueKind`: the type of a value in formats that distinguish types.

use std::any::Any;
use std::num::{NonZero, Saturating, Wrapping};

/// The JSON type of a logged value, derived from its Rust type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// One of Rust's own integers or finite floats, whose `Display` is a JSON number.
    Number,
    /// A `bool`, whose `Display` is a JSON boolean.
    Boolean,
    /// Anything else.
    Text,
}

impl ValueKind {
    /// Returns the kind of `value`. The type is known at compile time, so the comparisons are optimized out.
    #[inline]
    pub(crate) fn of<T: 'static>(value: &T) -> Self {
        let value: &dyn Any = value;
        macro_rules! is_any_of {
            ($($integer:ty)*) => {
                $(value.is::<$integer>()
                    || value.is::<NonZero<$integer>>()
                    || value.is::<Wrapping<$integer>>()
                    || value.is::<Saturating<$integer>>())||*
            };
        }
        if is_any_of!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize) {
            return Self::Number;
        }
        let float = value.downcast_ref::<f64>().copied();
        let float = float.or_else(|| value.downcast_ref::<f32>().copied().map(f64::from));
        match float {
            // JSON has neither NaN nor infinities.
            Some(float) if float.is_finite() => Self::Number,
            None if value.is::<bool>() => Self::Boolean,
            _ => Self::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_booleans_are_what_json_has() {
        let numbers = [
            ValueKind::of(&7_u8),
            ValueKind::of(&-7_i128),
            ValueKind::of(&NonZero::<u32>::MIN),
            ValueKind::of(&Wrapping(7_i64)),
            ValueKind::of(&Saturating(7_usize)),
            ValueKind::of(&0.25_f64),
            ValueKind::of(&0.25_f32),
        ];
        assert!(numbers.iter().all(|kind| matches!(kind, ValueKind::Number)));
        assert!(matches!(ValueKind::of(&true), ValueKind::Boolean));
        let texts = [
            ValueKind::of(&"17"),
            ValueKind::of(&f64::NAN),
            ValueKind::of(&f32::INFINITY),
        ];
        assert!(texts.iter().all(|kind| matches!(kind, ValueKind::Text)));
    }
}
