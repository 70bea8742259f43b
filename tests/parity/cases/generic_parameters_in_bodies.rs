pub trait Make {
    const COUNT: usize;
    type Made: Default + std::fmt::Debug;
}

impl Make for u8 {
    const COUNT: usize = 2;
    type Made = String;
}

#[propagate_context]
pub async fn makes<M: Make, const N: usize>() -> (usize, [Option<M::Made>; N]) {
    let list = [(); N].map(|()| Some(M::Made::default()));
    (M::COUNT + N, list)
}

#[propagate_context]
pub fn sync<'a, M: Make>(text: &'a str) -> (&'a str, M::Made) {
    let made = <M as Make>::Made::default();
    (&text[M::COUNT..], made)
}

pub fn run() {
    crate::support::log(format!("{:?} {:?}", crate::support::block_on(makes::<u8, 2>()), sync::<u8>("four")));
}
