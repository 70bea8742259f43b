//! salvo: a hoop that runs the rest of the application in the scope of the request.

use std::mem;

use http_body_util::BodyExt as _;
use propagate_context::http::{ContextBody, ContextLayer};
use salvo::http::ResBody;
use salvo::{Depot, FlowCtrl, Handler, Request, Response, async_trait};

/// `Service::new(router).hoop(ContextHoop(ContextLayer::new()))`: at the service, so that a 404 has the id, too.
pub struct ContextHoop(pub ContextLayer);

#[async_trait]
impl Handler for ContextHoop {
    async fn handle(
        &self,
        req: &mut Request,
        depot: &mut Depot,
        res: &mut Response,
        ctrl: &mut FlowCtrl,
    ) {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = req.method().clone();
        parts.uri = req.uri().clone();
        parts.headers = mem::take(req.headers_mut());
        parts.extensions = mem::take(req.extensions_mut());
        parts.extensions.insert(req.remote_addr().clone()); // for `.trust(|parts| ..)`
        let accepted = self.0.accept(&mut parts);
        *req.headers_mut() = parts.headers;
        *req.extensions_mut() = parts.extensions;

        let response = &mut *res;
        let rest = async {
            ctrl.call_next(req, depot, response).await;
            // A stream is polled after the handler has returned.
            if response.body.is_stream() || response.body.is_boxed() {
                let body = ContextBody::in_current_scope(response.take_body());
                response.replace_body(ResBody::Boxed(Box::pin(body.map_err(Into::into))));
            }
            response
        };
        let served = accepted
            .serve(rest, |response| response.headers_mut())
            .await;
        // 400 for a required variable, 500 for a panic.
        if let Err(error) = served.map(|_| ()) {
            ctrl.skip_rest();
            *res = Response::new();
            res.set_headers(error.headers().clone());
            res.status_code(error.status()).body(error.body());
        }
    }
}
