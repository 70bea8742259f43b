//! The middleware: sends each hop of a request through the middleware after it.

use std::sync::Arc;

use async_trait::async_trait;
use http::Extensions;
use http::header::LOCATION;
use reqwest::{Body, Request, Response};
use reqwest_middleware::{Middleware, Next, Result};
use tower::{ServiceExt, service_fn};
use tower_http::follow_redirect::FollowRedirect;
use tower_http::follow_redirect::policy::{FilterCredentials, Limited, PolicyExt};

use crate::client::MaySee;
use crate::redirect::ContextPerHop;

/// Private, because it is only correct in a client that does not follow redirects itself.
pub(crate) struct SendContext {
    pub(crate) may_see: Arc<MaySee>,
    pub(crate) max_redirects: usize,
}

#[async_trait]
impl Middleware for SendContext {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let extensions = &*extensions;
        let hop = service_fn(move |request: http::Request<Body>| {
            let (next, mut extensions) = (next.clone(), extensions.clone());
            async move {
                let request = Request::try_from(request)?;
                next.run(request, &mut extensions).await.map(seen_by_tower)
            }
        });
        let policy = Limited::new(self.max_redirects)
            .and::<_, Body, reqwest_middleware::Error>(
                // The extensions of a request include its timeout.
                FilterCredentials::new().keep_all_extensions(),
            )
            .and::<_, Body, reqwest_middleware::Error>(ContextPerHop::new(self.may_see.clone()));
        let request = http::Request::try_from(request)?;
        let response = FollowRedirect::with_policy(hop, policy)
            .oneshot(request)
            .await?;
        Ok(response.into_body())
    }
}

/// Returns the parts of a response that are needed to follow redirects. Its body is the original response, so that no
/// part of it is lost.
fn seen_by_tower(response: Response) -> http::Response<Response> {
    let status = response.status();
    let location = response.headers().get(LOCATION).cloned();
    let mut seen = http::Response::new(response);
    *seen.status_mut() = status;
    if let Some(location) = location {
        seen.headers_mut().insert(LOCATION, location);
    }
    seen
}
