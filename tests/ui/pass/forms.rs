//! Forms that a reader of tokens could take for something else.

#![deny(warnings)]

use propagate_context::propagate_context;

pub struct Command(u32);

impl Command {
    fn spawn(&mut self) -> u32 {
        self.0
    }

    fn spawn_with(&mut self, change: fn(&mut u32)) -> u32 {
        change(&mut self.0);
        self.0
    }
}

/// `'static` is no `static`, `const` pointers are no constants, and `fn` types are no functions.
#[propagate_context]
pub fn look_alikes(text: &'static str, call: fn(u32) -> u32) -> u32 {
    let pointer: *const u32 = &1;
    let labelled = 'fn_: loop {
        break 'fn_ call(2);
    };
    let mut command = Command(const { 1 + 1 });
    let spawned = command.spawn() + command.spawn_with(|n| *n += 1);
    let _ = #[propagate_context] async || pointer.is_null();
    let generic = std::iter::empty::<fn(u32) -> u32>().count();
    let range = (0..3).map(|n| n).sum::<u32>();
    let found = u32::from(!pointer.is_null());
    labelled + spawned + found + range + (generic + text.len()) as u32
}

fn main() {
    assert_eq!(look_alikes("a", |n| n), 2 + 2 + 3 + 1 + 3 + 1);
}
