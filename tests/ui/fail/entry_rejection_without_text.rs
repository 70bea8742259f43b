use http::{Request, Response};
use propagate_context::context_entry;

#[context_entry(required)]
async fn service(request: Request<()>) -> Response<usize> {
    Response::new(request.headers().len())
}

fn main() {}
