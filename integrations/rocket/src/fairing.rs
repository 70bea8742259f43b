//! `ContextFairing`: opens the scope of each request, and completes its response.

use std::sync::atomic::{AtomicBool, Ordering};

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use propagate_context::http::{ContextLayer, ErrorResponse};
use propagate_context::{Context, REQUEST_ID, RequestId};
use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Header;
use rocket::{Data, Request, Response, async_trait};

use crate::body::ScopedBody;

/// Opens the scope of each request with the policy of a layer, and adds the request id to each response.
///
/// Handlers run in that scope if their routes are mounted with [`routes_in_scope`](crate::routes_in_scope).
///
/// ```
/// use propagate_context::ContextVar;
/// use propagate_context::http::ContextLayer;
/// use propagate_context_rocket::ContextFairing;
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");
///
/// let rocket = rocket::build().attach(ContextFairing::new(ContextLayer::new().extract(&TENANT)));
/// # drop(rocket);
/// ```
#[derive(Clone, Debug)]
pub struct ContextFairing {
    layer: ContextLayer,
}

impl ContextFairing {
    /// Opens scopes with the policy of `layer`.
    #[must_use]
    pub const fn new(layer: ContextLayer) -> Self {
        Self { layer }
    }
}

/// The state of a request, in its local cache.
pub(crate) struct Opened {
    pub(crate) context: Context,
    /// The headers to add to the response unless it already has them.
    response_headers: HeaderMap,
    pub(crate) error: Option<ErrorResponse>,
    /// Whether a wrapped route has run.
    entered: AtomicBool,
}

impl Opened {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        request.local_cache(|| None::<Self>).as_ref()
    }

    pub(crate) fn note_entered(&self) {
        self.entered.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Fairing for ContextFairing {
    fn info(&self) -> Info {
        Info {
            name: "propagate-context",
            kind: Kind::Request | Kind::Response,
        }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let mut parts = parts_of(request);
        let before = parts.headers.clone();
        let accepted = self.layer.accept(&mut parts);
        write_changes(request, &before, &parts.headers);
        // The scope itself is entered by the handlers: here its context is only captured.
        let rest = async { (Context::current(), HeaderMap::new()) };
        let (context, response_headers, error) =
            match accepted.serve(rest, |(_, headers)| headers).await {
                Ok((context, headers)) => (context, headers, None),
                Err(error) => {
                    let mut headers = error.headers().clone();
                    headers.remove(CONTENT_TYPE);
                    (with_id(&parts), headers, Some(error))
                }
            };
        let opened = Opened {
            context,
            response_headers,
            error,
            entered: AtomicBool::new(false),
        };
        request.local_cache(|| Some(opened));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(opened) = Opened::of(request) else {
            return;
        };
        if let (Some(route), false) = (request.route(), opened.entered.load(Ordering::Relaxed)) {
            log::warn!("{route} has no context: mount it with `routes_in_scope(routes![..])`");
        }
        for (name, value) in &opened.response_headers {
            if let (false, Ok(value)) = (response.headers().contains(name), value.to_str()) {
                response.set_raw_header(name.to_string(), value.to_owned());
            }
        }
        // A stream is polled after the handler has returned.
        if response.body().is_some() && response.body_mut().size().await.is_none() {
            let chunk = response.body().max_chunk_size();
            let body = response.body_mut().take();
            response.set_streamed_body(ScopedBody::new(body, opened.context.clone()));
            response.set_max_chunk_size(chunk);
        }
    }
}

/// Returns the context for the catchers of a rejected request.
fn with_id(parts: &Parts) -> Context {
    match parts.extensions.get::<RequestId>() {
        Some(id) => Context::empty().with(&REQUEST_ID, id.clone()),
        None => Context::empty(),
    }
}

/// Converts the request for the layer.
fn parts_of(request: &Request<'_>) -> Parts {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = request.method().as_str().parse().unwrap_or_default();
    parts.uri = request.uri().to_string().parse().unwrap_or_default();
    for header in request.headers().iter() {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(header.name().as_str()),
            header.value().parse(),
        ) {
            parts.headers.append(name, value);
        }
    }
    if let Some(peer) = request.remote() {
        parts.extensions.insert(peer);
    }
    parts
}

/// Applies the changes that the layer has made to the headers.
fn write_changes(request: &mut Request<'_>, before: &HeaderMap, after: &HeaderMap) {
    // rocket cannot remove a header: an empty value cannot be mistaken for a valid one.
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        request.replace_header(Header::new(name.to_string(), ""));
    }
    for name in after.keys() {
        let values = after.get_all(name);
        if before.get_all(name) == values {
            continue;
        }
        let texts = values.iter().filter_map(|value| value.to_str().ok());
        for (index, text) in texts.enumerate() {
            let header = Header::new(name.to_string(), text.to_owned());
            if index == 0 {
                request.replace_header(header);
            } else {
                request.add_header(header);
            }
        }
    }
}
