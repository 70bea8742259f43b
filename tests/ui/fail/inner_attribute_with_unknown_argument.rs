use propagate_context::propagate_context;

#[propagate_context]
fn f() {
    #[propagate_context(skp)]
    let _handle = std::thread::spawn(|| 1);
}

fn main() {}
