//! The future of an annotated function is two pointers larger than the future of the plain function.

use std::sync::Arc;

use propagate_context::propagate_context;
use tokio::task::yield_now;

/// The same functions, with and without an attribute.
macro_rules! functions {
    ($(#[$attr:meta])*) => {
        use super::*;

        $(#[$attr])*
        pub(super) async fn empty() {}

        $(#[$attr])*
        pub(super) async fn arguments(text: String, number: u64, list: Vec<u8>) -> usize {
            yield_now().await;
            text.len() + list.len() + usize::try_from(number).unwrap()
        }

        $(#[$attr])*
        pub(super) async fn unused(_text: String, _: [u8; 100], (_a, _): (u64, u64)) {
            yield_now().await;
        }

        $(#[$attr])*
        pub(super) async fn first(list: [u8; 1024]) -> u8 {
            second(list).await
        }

        $(#[$attr])*
        async fn second(list: [u8; 1024]) -> u8 {
            third(list).await
        }

        $(#[$attr])*
        async fn third(list: [u8; 1024]) -> u8 {
            yield_now().await;
            list[0]
        }

        pub(super) struct Shop(pub(super) Arc<u32>);

        impl Shop {
            $(#[$attr])*
            pub(super) async fn by_value(self, n: u32) -> u32 {
                yield_now().await;
                *self.0 + n
            }

            $(#[$attr])*
            pub(super) async fn by_ref(&mut self, n: &mut u32) -> u32 {
                yield_now().await;
                *self.0 + *n
            }
        }
    };
}

mod plain {
    functions! {}
}

mod annotated {
    functions! { #[propagate_context] }
}

/// Returns by how much the second future is larger. It is aligned to pointers.
fn growth<A, B>(plain: &A, annotated: &B) -> usize {
    size_of_val(annotated) - size_of_val(plain).next_multiple_of(align_of::<usize>())
}

#[test]
fn at_most_two_pointers_larger() {
    let text = String::new;
    assert!(growth(&plain::empty(), &annotated::empty()) <= 16);
    let plain = plain::arguments(text(), 1, Vec::new());
    assert!(growth(&plain, &annotated::arguments(text(), 1, Vec::new())) <= 16);
    let plain = plain::unused(text(), [0; 100], (1, 2));
    assert!(growth(&plain, &annotated::unused(text(), [0; 100], (1, 2))) <= 16);
    let plain = plain::Shop(Arc::new(1)).by_value(1);
    assert!(growth(&plain, &annotated::Shop(Arc::new(1)).by_value(1)) <= 16);
    let (mut n, mut m) = (1, 1);
    let mut shops = (plain::Shop(Arc::new(1)), annotated::Shop(Arc::new(1)));
    assert!(growth(&shops.0.by_ref(&mut n), &shops.1.by_ref(&mut m)) <= 16);
}

#[test]
fn arguments_are_not_stored_twice() {
    let (plain, annotated) = (plain::first([0; 1024]), annotated::first([0; 1024]));
    assert!(
        growth(&plain, &annotated) <= 64,
        "{}",
        growth(&plain, &annotated)
    );
}
