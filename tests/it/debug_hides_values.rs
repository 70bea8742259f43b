//! `Debug` of every type of ours says which type it is, and shows neither a value nor a header: both may be secret.

use std::collections::HashMap;
use std::fmt::Debug;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::dev::{Payload, ServiceRequest, Transform as _};
use actix_web::test::TestRequest;
use actix_web::{FromRequest as _, HttpResponse, web};
use http::{HeaderMap, Request, Response};
use propagate_context::entry::{Entry, EntryExtractor, Inbound, MissingValue};
use propagate_context::http::{ClientLayer, ContextLayer, ContextMiddleware};
use propagate_context::tracing::ContextWriter;
use propagate_context::{
    Batch, Carried, Context, ContextMap, ContextVar, FieldValue, MessageLayer, PerRequest,
    Propagate as _, Propagator, REQUEST_ID, context_entry,
};
use tower::{Layer as _, Service, service_fn};
use tracing_subscriber::fmt::MakeWriter as _;

static SECRET: ContextVar<String> = ContextVar::new("secret").header("x-secret");

#[track_caller]
fn shows(value: &(impl Debug + ?Sized), expected: &str) {
    let shown = format!("{value:?}");
    assert!(shown.starts_with(expected), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
}

fn secret() -> Context {
    Context::empty().with(&SECRET, "hush".to_owned())
}

#[test]
fn variables_and_contexts() {
    shows(&SECRET, r#"ContextVar("secret")"#);
    shows(&secret(), r#"{"secret"}"#);
    shows(&Context::empty(), "{}");
    secret().sync_scope(|| {
        shows(
            &SECRET.set("hush2".to_owned()),
            r#"Token(ContextVar("secret"))"#,
        );
        shows(&Context::current().scope(7), "InContext { inner: 7, .. }");
        shows(&7.in_current_context(), "InContext { inner: 7, .. }");
    });
    shows(&REQUEST_ID, r#"ContextVar("request_id")"#);
    let id: propagate_context::RequestId = "r-17".parse().unwrap();
    shows(&id, r#"RequestId("r-17")"#);
}

#[test]
fn messages() {
    secret().sync_scope(|| {
        let carried = || Carried::new(7);
        shows(
            &carried(),
            r#"Carried { context: {"secret"}, message: 7, .. }"#,
        );
        shows(
            &[carried()].into_iter().collect::<Batch<_>>(),
            "Batch { messages: [7], ids: []",
        );
        shows(&PerRequest::new(7), "PerRequest { key: 7, .. }");
    });
    shows(
        &Propagator::new().with_variable(&SECRET),
        "Propagator { entry: Entry { fields: [",
    );
    shows(&ContextMap::new(), "ContextMap { entries: {} }");
    let layer = MessageLayer::new(Entry::new(), HashMap::<String, String>::clone);
    shows(&layer, "MessageLayer { policy: Entry {");
    shows(
        &layer.layer(7),
        "MessageService { inner: 7, layer: MessageLayer {",
    );
}

#[tokio::test]
async fn entries_and_layers() {
    let inbound = || Inbound::new(&SECRET).required();
    let field = r#"Inbound { field: Field { variable: "secret", keys: ["x-secret"], member: None, required: true, .. }, .. }"#;
    shows(&inbound(), field);
    let entry = Entry::new().extract(inbound());
    shows(&entry, "Entry { fields: [");
    assert!(format!("{entry:?}").contains(r#"variable: "secret""#));
    let seen = entry.trust_if(|request| {
        shows(
            request,
            r#"RequestHead { method: Some("GET"), path: Some("/"), peer_addr: None, .. }"#,
        );
        true
    });
    let mut request = Request::new(());
    request
        .headers_mut()
        .insert("x-secret", "hush".parse().unwrap());
    let context = seen.open(&request).unwrap();
    assert_eq!(context.get(&SECRET).as_deref(), Some("hush"));

    shows(
        &ContextLayer::new(),
        "ContextLayer { policy: Policy { entry: Entry {",
    );
    shows(
        &ContextMiddleware::new(),
        "ContextMiddleware { policy: Policy { entry: Entry {",
    );
    shows(
        &ContextLayer::new().layer(7),
        "ContextService { inner: 7, policy: Policy {",
    );
    shows(&ClientLayer::new(), "ClientLayer { only: None }");
    shows(
        &ClientLayer::new().only(|_| true),
        r#"ClientLayer { only: Some("..") }"#,
    );
    shows(
        &ClientLayer::new().layer(7),
        "ContextClient { inner: 7, layer: ClientLayer {",
    );

    let inner = service_fn(async |_: Request<()>| {
        Ok::<_, std::convert::Infallible>(Response::new(String::new()))
    });
    let mut service = ContextLayer::new().layer(inner);
    let future = Service::call(&mut service, request);
    shows(&future, "ResponseFuture { .. }");
    let response = future.await.unwrap();
    shows(response.body(), "ContextBody { .. }");
    let endpoint = poem::Middleware::transform(&ContextLayer::new(), NoEndpoint);
    shows(&endpoint, "ContextEndpoint { layer: ContextLayer {");
    let entry = Entry::new();
    let (mut headers, mut extensions) = (HeaderMap::new(), http::Extensions::new());
    let accepted = entry.accept(&mut headers, &mut extensions);
    shows(&accepted, "AcceptedRequest { entry: Entry {");
    let serving = accepted.serve(std::future::ready(Response::new(())), Response::headers_mut);
    shows(&serving, "Serve { .. }");
}

struct NoEndpoint;

impl poem::Endpoint for NoEndpoint {
    type Output = poem::Response;

    async fn call(&self, _: poem::Request) -> poem::Result<poem::Response> {
        Ok(poem::Response::default())
    }
}

#[tokio::test]
async fn entries_of_functions() {
    #[context_entry(vars = [SECRET])]
    async fn entry(headers: HeaderMap) -> usize {
        headers.len()
    }
    let mut headers = HeaderMap::new();
    headers.insert("x-secret", "hush".parse().unwrap());
    let output = entry(headers).await;
    shows(&output, "EntryOutput { value: Ok(1), .. }");
    assert!(output == 1 && output != 2);

    let layer = MessageLayer::new(Entry::new(), HashMap::<String, String>::clone);
    let handle = service_fn(async |_: HashMap<String, String>| Ok::<_, MissingValue>(()));
    let future = Service::call(&mut layer.layer(handle), HashMap::new());
    shows(&future, "InContext { inner: MessageFuture { .. }, .. }");
}

/// What is written is flushed as without the variables.
#[test]
fn writers_of_lines() {
    static FLUSHES: AtomicUsize = AtomicUsize::new(0);
    struct Flushes;
    impl io::Write for Flushes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            FLUSHES.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }
    let writer = ContextWriter::new(|| Flushes);
    let mut lines = writer.make_writer();
    shows(&lines, "ContextLines { pending: 0, .. }");
    lines.write_all(b"hush").unwrap();
    shows(&lines, "ContextLines { pending: 4, .. }");
    lines.flush().unwrap();
    assert_eq!(FLUSHES.load(Ordering::Relaxed), 1);
}

#[test]
fn fields_of_log_lines() {
    shows(&FieldValue::from("gold \"1\""), r#""gold \"1\"""#);
    shows(&FieldValue::from(7), "7");
}

#[test]
fn arguments_of_entries() {
    let mut headers = HeaderMap::new();
    headers.insert("x-secret", "hush".parse().unwrap());
    let argument = EntryExtractor::with_headers(headers, 7);
    shows(&argument, "EntryExtractor { value: 7, .. }");
    shows(&argument.request, "ExtractedRequest { .. }");
}

#[actix_web::test]
async fn the_middleware_of_actix() {
    let service = actix_web::dev::fn_service(|request: ServiceRequest| async move {
        let response = HttpResponse::Ok().body("served");
        Ok::<_, actix_web::Error>(request.into_response(response))
    });
    let middleware = ContextMiddleware::new()
        .new_transform(service)
        .await
        .unwrap();
    shows(&middleware, "ContextMiddlewareService { policy: Policy {");
    let request = TestRequest::default()
        .insert_header(("x-secret", "hush"))
        .to_srv_request();
    let future = actix_web::dev::Service::call(&middleware, request);
    shows(&future, "Responding { .. }");
    let body = future.await.unwrap().into_body();
    shows(&body, "ScopedBody { .. }");
    let extracting = EntryExtractor::<web::Bytes>::from_request(
        &TestRequest::default().to_http_request(),
        &mut Payload::None,
    );
    shows(&extracting, "Extracting { .. }");
    assert_eq!(actix_web::body::to_bytes(body).await.unwrap(), "served");
}
