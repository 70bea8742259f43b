use propagate_context::context_entry;

#[context_entry]
#[rustfmt::skip]
async fn handler(
    _: (), _: (), _: (), _: (), _: (), _: (), _: (), _: (),
    _: (), _: (), _: (), _: (), _: (), _: (), _: (), last: (),
) {}

fn main() {}
