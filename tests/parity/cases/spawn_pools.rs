#[propagate_context]
pub fn spawns(list: &mut [u32]) -> u32 {
    let (mut a, mut b) = (0, 0);
    rayon::scope(|scope| {
        scope.spawn(|_| a = 1);
        scope.spawn(|inner| {
            inner.spawn(|_| b = 2);
        });
    });
    rayon::join(|| list[0] = 5, || ());
    a + b + list[0]
}

pub fn run() {
    crate::support::log(spawns(&mut [0]).to_string());
}
