//! Which types are `Send`, `Sync` and `UnwindSafe`: a table that is checked at compile time.

use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::Mutex;

use propagate_context::{Context, ContextVar, InContext, NoScope, RequestId, Token};

/// Causes an ambiguity, and therefore a compile error, if `T` has the property.
macro_rules! is_not {
    ($($type:ty: $property:path),* $(,)?) => {$(
        const _: fn() = || {
            trait Ambiguous<A> { fn check() {} }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Invalid;
            impl<T: ?Sized + $property> Ambiguous<Invalid> for T {}
            let _ = <$type as Ambiguous<_>>::check;
        };
    )*};
}

macro_rules! is {
    ($($type:ty: $($property:path),*;)*) => {
        const _: fn() = || {
            $($({ fn check<T: ?Sized + $property>() {} check::<$type>(); })*)*
        };
    };
}

type NotUnwindSafe = Mutex<Box<dyn Send>>;

is! {
    Context: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Default;
    ContextVar<String>: Send, Sync;
    InContext<String>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
    Token<String>: Send, Sync, Unpin;
    RequestId: Send, Sync, Unpin, UnwindSafe, Clone;
    NoScope: Send, Sync, std::error::Error;
    propagate_context::__private::Annotated<String>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

is_not! {
    InContext<Rc<()>>: Send,
    InContext<PhantomPinned>: Unpin,
    InContext<&'static mut ()>: UnwindSafe,
    propagate_context::__private::Annotated<Rc<()>>: Send,
    propagate_context::__private::Annotated<PhantomPinned>: Unpin,
    propagate_context::__private::Guard: Send,
}

/// A snapshot with a value that is not unwind-safe can still be used across a panic.
#[test]
fn a_wrapped_closure_is_unwind_safe_if_the_closure_is() {
    static ODD: ContextVar<NotUnwindSafe> = ContextVar::new("odd");
    let context = Context::empty().with(&ODD, Mutex::new(Box::new(())));
    assert_eq!(std::panic::catch_unwind(context.wrap(|| 1)).unwrap(), 1);
}

#[test]
fn a_snapshot_is_one_pointer_and_a_wrapped_future_one_pointer_larger() {
    assert_eq!(size_of::<Context>(), size_of::<usize>());
    assert_eq!(size_of::<InContext<[u64; 3]>>(), size_of::<[u64; 4]>());
    assert_eq!(
        size_of::<propagate_context::__private::Annotated<[u64; 3]>>(),
        size_of::<[u64; 5]>()
    );
}
