//! Routes and catchers that run in the scope of the request.

use std::io::Cursor;

use propagate_context::http::ErrorResponse;
use rocket::http::Status;
use rocket::route::{Handler, Outcome};
use rocket::{Catcher, Data, Request, Response, Route, async_trait, catcher};

use crate::fairing::Opened;

/// Wraps routes so that their guards and handlers run in the scope that [`ContextFairing`](crate::ContextFairing) has
/// opened: `.mount("/", routes_in_scope(routes![show]))`.
#[must_use]
pub fn routes_in_scope(mut routes: Vec<Route>) -> Vec<Route> {
    for route in &mut routes {
        route.handler = Box::new(RouteInScope(route.handler.clone()));
    }
    routes
}

/// Wraps catchers in the same way: `.register("/", catchers_in_scope(catchers![not_found]))`.
#[must_use]
pub fn catchers_in_scope(mut catchers: Vec<Catcher>) -> Vec<Catcher> {
    for catcher in &mut catchers {
        catcher.handler = Box::new(CatcherInScope(catcher.handler.clone()));
    }
    catchers
}

#[derive(Clone)]
struct RouteInScope(Box<dyn Handler>);

#[derive(Clone)]
struct CatcherInScope(Box<dyn catcher::Handler>);

#[async_trait]
impl Handler for RouteInScope {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let Some(opened) = Opened::of(request) else {
            panic!("`routes_in_scope` needs a `ContextFairing`: the request has no context")
        };
        opened.note_entered();
        if let Some(error) = &opened.error {
            return Outcome::Success(response_of(error));
        }
        let handled = self.0.handle(request, data);
        opened.context.clone().scope(handled).await
    }
}

#[async_trait]
impl catcher::Handler for CatcherInScope {
    async fn handle<'r>(&self, status: Status, request: &'r Request<'_>) -> catcher::Result<'r> {
        let handled = self.0.handle(status, request);
        match Opened::of(request) {
            Some(opened) => opened.context.clone().scope(handled).await,
            None => handled.await,
        }
    }
}

fn response_of(error: &ErrorResponse) -> Response<'static> {
    let mut response = Response::build();
    response.status(Status::new(error.status().as_u16()));
    for (name, value) in error.headers() {
        if let Ok(value) = value.to_str() {
            response.raw_header(name.to_string(), value.to_owned());
        }
    }
    let body = error.body();
    response
        .sized_body(body.len(), Cursor::new(body))
        .finalize()
}
