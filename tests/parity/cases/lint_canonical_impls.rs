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

#[derive(PartialEq, Eq)]
pub struct Other(u32);

impl PartialOrd for Other {
    #[propagate_context]
    fn partial_cmp(&self, than: &Self) -> Option<Ordering> {
        return Some(Ord::cmp(self, than));
    }
}

impl Ord for Other {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

pub struct Zero(u32);

impl Default for Zero {
    #[propagate_context]
    fn default() -> Self {
        Zero(0)
    }
}

#[derive(Default)]
pub struct One(u32);

#[propagate_context]
impl Clone for One {
    fn clone(&self) -> Self {
        One(self.0)
    }
}

pub fn run() {
    crate::support::log(format!("{} {} {}", Other(1) < Other(2), Zero::default().0, One(1).clone().0));
    crate::support::log(format!("{} {}", Id(1) < Id(2), Mark(3).clone().0));
}
