use http::Request;
use propagate_context::context_entry;

struct Response<B>(B);

#[context_entry]
async fn service(request: Request<()>) -> Response<u32> {
    Response(request.headers().len() as u32)
}

fn main() {}
