use propagate_context::propagate_context;

#[propagate_context]
async fn f() {
    tokio::select! {
        #[detached]
        _ = std::future::pending::<()>() => { tokio::spawn(async {}); }
    }
}

fn main() {}
