use crate::support::{drive, suspend, Noisy};

struct Named {
    a: Noisy,
    b: Noisy,
}

#[propagate_context]
async fn simple(a: Noisy, b: Noisy, mut c: Noisy) {
    suspend().await;
    c = Noisy("other c");
    let _ = b.touch();
}

#[propagate_context]
async fn wild(_: Noisy, _unused: Noisy, c: Noisy) {
    suspend().await;
    drop(c);
}

#[propagate_context]
async fn tuple((a, _): (Noisy, Noisy), (_, b): (Noisy, Noisy)) {
    suspend().await;
    a.touch();
    b.touch();
}

#[propagate_context]
async fn named(Named { b, .. }: Named, last: Noisy) {
    suspend().await;
    drop(b);
}

#[propagate_context]
async fn by_reference(ref a: Noisy, ref mut b: Noisy) {
    suspend().await;
    *b = Noisy("other b");
    a.touch();
}

#[propagate_context]
async fn moved(a: Noisy, b: Noisy) -> Noisy {
    let local = Noisy("local");
    suspend().await;
    local.touch();
    b
}

pub fn run() {
    drive(|| simple(Noisy("a"), Noisy("b"), Noisy("c")));
    drive(|| wild(Noisy("a"), Noisy("b"), Noisy("c")));
    drive(|| tuple((Noisy("a"), Noisy("b")), (Noisy("c"), Noisy("d"))));
    drive(|| named(Named { a: Noisy("a"), b: Noisy("b") }, Noisy("last")));
    drive(|| by_reference(Noisy("a"), Noisy("b")));
    drive(|| moved(Noisy("a"), Noisy("b")));
}
