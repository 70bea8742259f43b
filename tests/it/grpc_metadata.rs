//! Without a layer, gRPC metadata is a carrier.

use propagate_context::{ContextVar, Propagator, REQUEST_ID, RequestId, context_entry, inject};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

fn in_a_request(inner: impl FnOnce()) {
    let id = RequestId::try_from("order-7").unwrap();
    REQUEST_ID.sync_scope(id, || TENANT.sync_scope("acme".to_owned(), inner));
}

/// Metadata contains a header map, which is a carrier.
#[test]
fn metadata_is_a_carrier() {
    let mut metadata = MetadataMap::new();
    in_a_request(|| inject(metadata.as_mut()));
    assert_eq!(metadata.get("x-tenant").unwrap(), "acme");
    let context = Propagator::new()
        .with_variable(&TENANT)
        .extract(metadata.as_ref());
    assert_eq!(context.get(&REQUEST_ID).unwrap().as_ref(), "order-7");
    assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
}

/// A method of a service without a layer.
#[context_entry(carrier = request.metadata().as_ref(), vars = [TENANT])]
async fn method(request: Request<u32>) -> Result<Response<String>, Status> {
    let (id, tenant) = (REQUEST_ID.get().unwrap(), TENANT.get().unwrap());
    Ok(Response::new(format!(
        "{id} {tenant} {}",
        request.into_inner()
    )))
}

#[tokio::test]
async fn an_entry_extracts_from_metadata() {
    let mut request = Request::new(7);
    in_a_request(|| inject(request.metadata_mut().as_mut()));
    assert_eq!(
        method(request).await.unwrap().into_inner(),
        "order-7 acme 7"
    );
}
