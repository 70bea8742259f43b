use std::fmt::{Debug, Display};

#[propagate_context]
pub async fn plain<T: Display, U>(t: T, u: U) -> (String, U)
where
    U: Clone + Send,
{
    (t.to_string(), u.clone())
}

#[propagate_context]
pub async fn constant<const N: usize, T: Default + Copy>() -> [T; N] {
    [T::default(); N]
}

#[propagate_context]
pub async fn higher<F>(f: F) -> usize
where
    F: for<'a> Fn(&'a str) -> &'a str,
{
    f("four").len()
}

#[propagate_context]
pub async fn impl_args(a: impl Display, b: &impl Debug, c: &(impl Debug + ?Sized)) -> String {
    format!("{a}{b:?}{c:?}")
}

#[propagate_context]
pub async fn objects(a: &dyn Display, b: Box<dyn FnOnce(u32) -> u32 + Send>) -> String {
    format!("{a}{}", b(1))
}

pub struct Holder<T>(pub T);

impl<T: Clone> Holder<T> {
    #[propagate_context]
    pub async fn get<U: From<T>>(&self) -> U {
        U::from(self.0.clone())
    }

    #[propagate_context]
    pub fn sync<U: From<T>>(&self) -> U {
        U::from(self.0.clone())
    }
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{:?}", block_on(plain(1, 2))));
    log(format!("{:?}", block_on(constant::<3, u8>())));
    log(format!("{}", block_on(higher(|text| &text[1..]))));
    log(block_on(impl_args(1, &2, "3")));
    log(block_on(objects(&1, Box::new(|n| n + 1))));
    log(format!("{} {}", block_on(Holder(1_u8).get::<u32>()), Holder(2_u8).sync::<u64>()));
}
