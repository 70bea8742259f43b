//! Finds the functions and closures that are passed to routers, where requests start.

use std::ops::Range;

use syn::punctuated::Punctuated;
use syn::{Expr, ExprClosure, Stmt, Token};

use super::body::{Reader, segments};
use crate::source::range;
use syn::spanned::Spanned;

/// Functions and methods that take a handler. Those of aide have the suffix `_with`.
const ROUTERS: &[&str] = &[
    "any",
    "at",
    "connect",
    "default_service",
    "delete",
    "fallback",
    "from_fn",
    "from_fn_with_state",
    "get",
    "handler",
    "head",
    "map_request",
    "map_request_with_state",
    "map_response",
    "map_response_with_state",
    "method_not_allowed_fallback",
    "on",
    "options",
    "patch",
    "post",
    "put",
    "route",
    "service_fn",
    "to",
    "to_async",
    "trace",
    "wrap_fn",
];

/// Functions whose closure is always a handler, and whose names are not those of methods of iterators and maps.
const CLOSURE_ROUTERS: &[&str] = &[
    "any",
    "delete",
    "fallback",
    "from_fn",
    "from_fn_with_state",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "service_fn",
    "trace",
    "wrap_fn",
];

/// Methods of the same kind.
const CLOSURE_METHODS: &[&str] = &["fallback", "patch", "post", "put", "to", "wrap_fn"];

impl Reader<'_> {
    /// Reads the handlers that are passed to a router.
    pub(super) fn registered(
        &mut self,
        router: &str,
        arguments: &Punctuated<Expr, Token![,]>,
        is_method: bool,
    ) {
        let is_warp = self.is_warp && ["and_then", "then", "map"].contains(&router);
        let plain = router.strip_suffix("_with").unwrap_or(router);
        if !is_warp && !ROUTERS.contains(&plain) {
            return;
        }
        let handlers = self.paths(arguments);
        self.body.handlers.extend(handlers);
        let takes_closures = if is_method {
            CLOSURE_METHODS.contains(&plain)
        } else {
            CLOSURE_ROUTERS.contains(&plain)
        };
        for argument in arguments {
            match argument {
                Expr::Closure(closure) if takes_closures || returns_async_block(closure) => {
                    self.body.handler_closures.push(range(closure.span()));
                }
                Expr::Path(path) => {
                    let held = |(name, _): &&(String, Range<usize>)| path.path.is_ident(name);
                    let closure = self.body.held.iter().rev().find(held);
                    let closure = closure.map(|(_, range)| range.clone());
                    self.body.handler_closures.extend(closure);
                }
                _ => {}
            }
        }
    }

    /// Returns the paths among the arguments, including those in a wrapper such as `.to(Sequential(handler))`,
    /// but no variables.
    pub(super) fn paths(&self, arguments: &Punctuated<Expr, Token![,]>) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for argument in arguments {
            match argument {
                Expr::Path(path) => {
                    let segments = segments(&path.path);
                    let is_variable =
                        segments.len() == 1 && self.locals.names.contains_key(&segments[0]);
                    if !is_variable {
                        found.push(segments);
                    }
                }
                Expr::Call(call) => found.extend(self.paths(&call.args)),
                // `handler.layer(..)`
                Expr::MethodCall(call) => {
                    if let Expr::Path(path) = &*call.receiver {
                        let segments = segments(&path.path);
                        if segments.len() > 1 || !self.locals.names.contains_key(&segments[0]) {
                            found.push(segments);
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// Whether a closure returns an `async` block, as in `|| async { .. }`. No method of a map or an iterator takes
/// such a closure.
fn returns_async_block(closure: &ExprClosure) -> bool {
    let tail = match &*closure.body {
        Expr::Block(block) => match block.block.stmts.last() {
            Some(Stmt::Expr(tail, None)) => tail,
            _ => return closure.asyncness.is_some(),
        },
        body => body,
    };
    closure.asyncness.is_some() || matches!(tail, Expr::Async(_))
}
