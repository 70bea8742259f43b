pub struct Point {
    x: u32,
    y: u32,
}

pub struct Wrapper(pub u32);

#[propagate_context]
pub async fn many(
    mut a: u32,
    (b, mut c): (u32, u32),
    [d, ..]: [u32; 3],
    Point { x, y: renamed }: Point,
    Wrapper(e): Wrapper,
    &f: &u32,
    ref g: u32,
    ref mut h: u32,
    whole @ (_, _): (u32, u32),
    _: u32,
) -> u32 {
    a += 1;
    c += 1;
    *h += 1;
    a + b + c + d + x + renamed + e + f + *g + *h + whole.0
}

#[propagate_context]
pub fn sync((a, mut b): (u32, u32), Wrapper(c): Wrapper) -> u32 {
    b += 1;
    a + b + c
}

#[propagate_context]
pub async fn unit((): (), []: [u8; 0]) {}

pub fn run() {
    let point = Point { x: 1, y: 2 };
    let sum = many(1, (2, 3), [4, 5, 6], point, Wrapper(7), &8, 9, 10, (11, 12), 13);
    crate::support::log(format!("{} {}", crate::support::block_on(sum), sync((1, 2), Wrapper(3))));
}
