//! The default of a variable: created at the first read without a value, and kept for the process.

use std::cell::RefCell;
use std::sync::OnceLock;

thread_local! {
    /// The defaults that are being created on this thread, by address, the latest last.
    static MAKING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

pub(crate) struct DefaultValue<T> {
    make: Option<fn() -> T>,
    made: OnceLock<T>,
}

impl<T> DefaultValue<T> {
    pub(crate) const fn none() -> Self {
        Self {
            make: None,
            made: OnceLock::new(),
        }
    }

    pub(crate) const fn set_maker(&mut self, make: fn() -> T) {
        self.make = Some(make);
    }

    #[inline]
    pub(crate) fn get(&'static self) -> Option<&'static T> {
        self.make
            .and_then(|make| self.made.get().or_else(|| self.make_once(make)))
    }

    /// A maker that reads its own variable gets no value. No lock is held while it runs: two threads whose makers read
    /// each other's variables would deadlock. Several threads may therefore create the value, and one of them is kept.
    #[cold]
    fn make_once(&'static self, make: fn() -> T) -> Option<&'static T> {
        let address = std::ptr::from_ref(self).addr();
        let Ok(in_the_making) = MAKING.try_with(|making| making.borrow().contains(&address)) else {
            // The thread is ending, and its record is gone.
            return self.made.get();
        };
        if in_the_making {
            return None;
        }
        let _record = Record::new(address);
        let value = make();
        Some(self.made.get_or_init(|| value))
    }
}

struct Record;

impl Record {
    fn new(address: usize) -> Self {
        let _ = MAKING.try_with(|making| making.borrow_mut().push(address));
        Self
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let _ = MAKING.try_with(|making| making.borrow_mut().pop());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::DefaultValue;

    static FAILS: AtomicBool = AtomicBool::new(true);
    static VALUE: DefaultValue<u32> = {
        let mut value = DefaultValue::none();
        value.set_maker(|| {
            assert!(!FAILS.swap(false, Ordering::Relaxed), "for once");
            7
        });
        value
    };

    #[test]
    fn a_maker_that_panicked_is_called_again() {
        assert!(catch_unwind(|| VALUE.get()).is_err());
        assert_eq!(VALUE.get(), Some(&7));
    }
}
