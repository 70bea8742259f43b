//! The module that is added to the macros to select a mutant. It is included as text here, and compiled in the copy.
//!
//! Environment variables control it:
//!
//! - `MUTANT` is the number of the active mutant.
//! - `MUTANTS_RECORD` names a file to which the changes of each mutant are written. Each expansion is repeated with
//!   each mutant that it reaches, or only with those listed in the file that `MUTANTS_ONLY` names.
//! - `MUTANTS_ASKED` names a file to which the numbers of the reached mutants are written.
//!
//! If many mutants are in one compilation, the active mutant is given by the folder of a file, such as `m123`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{TokenStream, TokenTree};

const NONE: usize = usize::MAX;

thread_local! {
    static MUTANT: Cell<usize> = Cell::new(variable("MUTANT").unwrap_or(NONE));
    static ASKED: RefCell<BTreeSet<usize>> = const { RefCell::new(BTreeSet::new()) };
    /// The number of checks left. The limit stops a mutant that loops forever.
    static LEFT: Cell<usize> = const { Cell::new(MANY) };
}

const MANY: usize = 1_000_000;

fn variable(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

#[inline(never)]
pub fn is(number: usize) -> bool {
    let left = LEFT.get();
    if left == 0 {
        LEFT.set(MANY);
        panic!("without an end");
    }
    LEFT.set(left - 1);
    if ASKED.with_borrow_mut(|asked| asked.insert(number)) {
        if let Ok(file) = std::env::var("MUTANTS_ASKED") {
            append(&file, &format!("{number}\n"));
        }
    }
    MUTANT.get() == number
}

/// Expands a macro call. With `MUTANTS_RECORD`, also records its expansion with each mutant.
pub fn expand(
    place: &str,
    expand: fn(TokenStream, TokenStream) -> TokenStream,
    args: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let Ok(record) = std::env::var("MUTANTS_RECORD") else {
        let folders = place.split('/').filter_map(|folder| folder.strip_prefix('m')?.parse().ok());
        if let Some(mutant) = folders.last() {
            MUTANT.set(mutant);
        }
        LEFT.set(MANY);
        let expanded = expand(args, item);
        MUTANT.set(variable("MUTANT").unwrap_or(NONE));
        return expanded;
    };
    let run = |mutant, most| {
        MUTANT.set(mutant);
        LEFT.set(most);
        let expanded = catch_unwind(AssertUnwindSafe(|| expand(args.clone(), item.clone())));
        MUTANT.set(NONE);
        expanded.ok()
    };
    ASKED.take();
    let plain = run(NONE, MANY).unwrap_or_default();
    let questions = MANY - LEFT.get();
    let asked = ASKED.take();
    let expected = shown(&plain);
    let only: Option<BTreeSet<usize>> = std::env::var("MUTANTS_ONLY").ok().map(|file| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    });
    let mut lines = format!("{place}\n");
    for mutant in asked {
        if only.as_ref().is_some_and(|only| !only.contains(&mutant)) {
            continue;
        }
        let changed = run(mutant, 4 * questions + 1000).map(|tokens| shown(&tokens));
        let hash = match changed {
            Some(text) if text == expected => 0,
            Some(text) => hash(&text).max(1),
            None => 1,
        };
        _ = writeln!(lines, "{place}\t{mutant}\t{hash}");
    }
    ASKED.take();
    append(&record, &lines);
    plain
}

fn append(file: &str, lines: &str) {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(lines.as_bytes()).unwrap();
}

/// Formats tokens with everything that the compiler sees, including their spans and invisible groups.
fn shown(tokens: &TokenStream) -> String {
    let mut text = String::new();
    show(tokens, &mut text);
    text
}

fn show(tokens: &TokenStream, text: &mut String) {
    for tree in tokens.clone() {
        match tree {
            TokenTree::Group(group) => {
                _ = write!(text, "{:?}{:?}", group.delimiter(), group.span());
                show(&group.stream(), text);
                _ = write!(text, "{:?}", group.span_close());
            }
            TokenTree::Punct(punct) => {
                _ = write!(text, "{}{:?}{:?}", punct.as_char(), punct.spacing(), punct.span());
            }
            tree => _ = write!(text, "{tree}{:?}", tree.span()),
        }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
