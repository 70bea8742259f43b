use std::cmp::Ordering;

#[derive(PartialEq, Eq)]
pub struct Id(u32);

#[propagate_context]
impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

#[derive(Copy)]
pub struct Mark(u32);

#[propagate_context]
impl Clone for Mark {
    fn clone(&self) -> Self {
        *self
    }
}

pub fn run() {
    crate::support::log(format!("{} {}", Id(1) < Id(2), Mark(3).clone().0));
}
