//! Cycles in a graph of files.

use std::collections::{BTreeMap, BTreeSet};

use crate::Import;

/// Returns the files of each cycle, sorted. These are files that reach each other.
pub(crate) fn circles(imports: &[Import]) -> Vec<Vec<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        next.entry(&import.from).or_default().insert(&import.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = next
        .keys()
        .map(|file| (*file, reach(file, &next)))
        .collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        if others.contains(file) {
            let back = |other: &&&str| {
                reached
                    .get(**other)
                    .is_some_and(|onward| onward.contains(file))
            };
            let circle: Vec<String> = others
                .iter()
                .filter(back)
                .map(|other| (*other).to_owned())
                .collect();
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reach<'a>(file: &str, next: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = next.get(file).into_iter().flatten().copied().collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(next.get(file).into_iter().flatten());
        }
    }
    reached
}
