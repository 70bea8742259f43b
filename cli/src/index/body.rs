//! Reads what a body calls, registers and declares.

use std::collections::HashMap;
use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprCall, ExprLoop, ExprMethodCall, FnArg, Item, Local, Macro, Pat, Stmt, Token,
};

use super::sites::is_spawner_name;
use super::types::{Bounds, Locals, Receiver, name_of};
use crate::source::{range, unraw};

/// Methods whose closure runs once per process, or once per receiver.
const RUN_ONCE: &[&str] = &[
    "call_once",
    "call_once_force",
    "get_or_init",
    "get_or_try_init",
];

/// The callee of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Callee {
    Path(Vec<String>),
    Method(Receiver, String),
    Macro(String),
}

impl Callee {
    /// Returns the last segment.
    pub(crate) fn name(&self) -> &str {
        match self {
            Callee::Path(path) => path.last().map_or("", String::as_str),
            Callee::Method(_, name) | Callee::Macro(name) => name,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) callee: Callee,
    /// How many arguments it has, if that is known.
    pub(crate) arity: Option<usize>,
    pub(crate) at: Range<usize>,
    pub(crate) arguments: Range<usize>,
    /// Paths among the arguments, which may be handlers.
    pub(crate) paths: Vec<Vec<String>>,
}

/// The information from one body.
#[derive(Default, Debug)]
pub(crate) struct Body {
    pub(crate) calls: Vec<Call>,
    /// The paths that are passed to a router.
    pub(crate) handlers: Vec<Vec<String>>,
    /// The closures that are passed to a router.
    pub(crate) handler_closures: Vec<Range<usize>>,
    /// The statements, outer ones first.
    pub(crate) statements: Vec<Range<usize>>,
    /// The `async` blocks and closures that are bound to a variable.
    pub(crate) held: Vec<(String, Range<usize>)>,
    /// Loops without an exit.
    pub(crate) endless: Vec<Range<usize>>,
    /// Closures that run once per process: `cell.get_or_init(|| ..)`.
    pub(crate) once: Vec<Range<usize>>,
    /// Spawners that are passed as values instead of being called.
    pub(crate) passed_on: Vec<(Vec<String>, Range<usize>)>,
}

pub(super) fn read(
    block: &Block,
    inputs: &Punctuated<FnArg, Token![,]>,
    owner: Option<&str>,
    bounds: &Bounds,
    is_warp: bool,
) -> Body {
    let mut locals = Locals {
        owner,
        bounds,
        names: HashMap::new(),
    };
    for input in inputs {
        if let FnArg::Typed(typed) = input {
            locals.declare(&typed.pat, name_of(&typed.ty, owner, bounds));
        }
    }
    let mut reader = Reader {
        body: Body::default(),
        locals,
        is_warp,
    };
    reader.visit_block(block);
    reader.body
}

/// Returns the calls in tokens that do not parse as expressions: the body of a `macro_rules!`.
pub(super) fn read_tokens(tokens: TokenStream) -> Body {
    let bounds = Bounds::default();
    let mut reader = Reader {
        body: Body::default(),
        locals: Locals {
            owner: None,
            bounds: &bounds,
            names: HashMap::new(),
        },
        is_warp: false,
    };
    reader.tokens(tokens);
    reader.body
}

pub(super) struct Reader<'a> {
    pub(super) body: Body,
    pub(super) locals: Locals<'a>,
    /// Whether `.and_then(f)` takes a handler.
    pub(super) is_warp: bool,
}

impl Locals<'_> {
    fn declare(&mut self, pat: &Pat, name: Option<String>) {
        match pat {
            Pat::Ident(ident) => {
                let receiver = name.map_or(Receiver::Unknown, Receiver::Named);
                self.names.insert(unraw(&ident.ident), receiver);
            }
            // `State(shop): State<Shop>`
            Pat::TupleStruct(inner) if inner.elems.len() == 1 => {
                self.declare(&inner.elems[0], name);
            }
            Pat::Type(inner) => {
                let name = name_of(&inner.ty, self.owner, self.bounds);
                self.declare(&inner.pat, name);
            }
            Pat::Reference(inner) => self.declare(&inner.pat, name),
            _ => {}
        }
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    // Items in the body are read separately.
    fn visit_item(&mut self, _: &'a Item) {}

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if !matches!(stmt, Stmt::Item(_)) {
            self.body.statements.push(range(stmt.span()));
        }
        visit::visit_stmt(self, stmt);
    }

    fn visit_local(&mut self, local: &'a Local) {
        let init = local.init.as_ref().map(|init| &*init.expr);
        match (&local.pat, init) {
            (Pat::Ident(pat), Some(init)) => {
                let name = unraw(&pat.ident);
                if is_literal(init) {
                    self.body.held.push((name.clone(), range(init.span())));
                }
                let receiver = self.locals.receiver(init);
                self.locals.names.insert(name, receiver);
            }
            (pat @ Pat::Type(_), _) => self.locals.declare(pat, None),
            _ => {}
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let mut segments = segments(&path.path);
            if let Some(last) = segments.last() {
                self.registered(last, &call.args, false);
            }
            if segments.ends_with(&["LazyLock".to_owned(), "new".to_owned()]) {
                self.body.once.push(range(call.paren_token.span.join()));
            }
            // A variable that holds a closure or function pointer hides functions of its name.
            if segments.len() == 1 && self.locals.names.contains_key(&segments[0]) {
                segments.clear();
            }
            self.body.calls.push(Call {
                callee: Callee::Path(segments),
                arity: Some(call.args.len()),
                at: range(call.func.span()),
                arguments: range(call.paren_token.span.join()),
                paths: self.paths(&call.args),
            });
        } else {
            self.visit_expr(&call.func);
        }
        for argument in &call.args {
            self.visit_expr(argument);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        let name = unraw(&call.method);
        self.registered(&name, &call.args, true);
        if RUN_ONCE.contains(&&*name) {
            self.body.once.push(range(call.paren_token.span.join()));
        }
        self.body.calls.push(Call {
            callee: Callee::Method(self.locals.receiver(&call.receiver), name),
            arity: Some(call.args.len()),
            at: range(call.method.span()),
            arguments: range(call.paren_token.span.join()),
            paths: self.paths(&call.args),
        });
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'a syn::ExprPath) {
        let segments = segments(&path.path);
        if segments.len() > 1 && is_spawner_name(&segments) {
            self.body.passed_on.push((segments, range(path.span())));
        }
    }

    fn visit_expr_loop(&mut self, looped: &'a ExprLoop) {
        if !has_exit(looped.body.to_token_stream()) {
            self.body.endless.push(range(looped.span()));
        }
        visit::visit_expr_loop(self, looped);
    }

    fn visit_macro(&mut self, mac: &'a Macro) {
        let Some(name) = mac.path.segments.last().map(|last| unraw(&last.ident)) else {
            return;
        };
        self.body.calls.push(Call {
            callee: Callee::Macro(name.clone()),
            arity: None,
            at: range(mac.path.span()),
            arguments: range(mac.delimiter.span().join()),
            paths: Vec::new(),
        });
        // `utoipa_axum::routes!(list, create)`
        if name == "routes" {
            let paths = Punctuated::<Expr, Token![,]>::parse_terminated;
            for expr in paths.parse2(mac.tokens.clone()).into_iter().flatten() {
                if let Expr::Path(path) = expr {
                    self.body.handlers.push(segments(&path.path));
                }
            }
            return;
        }
        let expressions = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(expressions) = expressions.parse2(mac.tokens.clone()) {
            for expr in &expressions {
                self.visit_expr(expr);
            }
        } else if let Ok(stmts) = Block::parse_within.parse2(mac.tokens.clone()) {
            for stmt in &stmts {
                self.visit_stmt(stmt);
            }
        } else {
            self.tokens(mac.tokens.clone());
        }
    }
}

impl Reader<'_> {
    /// Finds calls in tokens of an unknown syntax, such as the branches of `select!`.
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, tree) in trees.iter().enumerate() {
            let TokenTree::Group(group) = tree else {
                continue;
            };
            if group.delimiter() == Delimiter::Parenthesis {
                if let Some((callee, place)) = self.callee_before(&trees[..at]) {
                    let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
                    let parsed = arguments.parse2(group.stream()).ok();
                    self.body.calls.push(Call {
                        callee,
                        arity: parsed.as_ref().map(Punctuated::len),
                        at: place,
                        arguments: range(group.span()),
                        paths: Vec::new(),
                    });
                }
            }
            match Block::parse_within.parse2(group.stream()) {
                Ok(stmts) if group.delimiter() == Delimiter::Brace => {
                    for stmt in &stmts {
                        self.visit_stmt(stmt);
                    }
                }
                _ => self.tokens(group.stream()),
            }
        }
    }

    fn callee_before(&self, before: &[TokenTree]) -> Option<(Callee, Range<usize>)> {
        let TokenTree::Ident(name) = before.last()? else {
            return None;
        };
        let place = range(name.span());
        let is = |back: usize, wanted: char| {
            let tree = before.len().checked_sub(back).map(|at| &before[at]);
            matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
        };
        let ident = |back: usize| match before.len().checked_sub(back).map(|at| &before[at]) {
            Some(TokenTree::Ident(ident)) => Some(unraw(ident)),
            _ => None,
        };
        if is(2, '.') {
            let receiver = match ident(3).as_deref() {
                Some("self") if !is(4, '.') => self
                    .locals
                    .owner
                    .map(|owner| Receiver::Named(owner.to_owned())),
                Some(name) if !is(4, '.') => self.locals.names.get(name).cloned(),
                _ => None,
            };
            let receiver = receiver.unwrap_or(Receiver::Unknown);
            return Some((Callee::Method(receiver, unraw(name)), place));
        }
        let mut segments = vec![unraw(name)];
        let mut back = 2;
        while is(back, ':') && is(back + 1, ':') {
            segments.insert(0, ident(back + 2)?);
            back += 3;
        }
        if is(2, '!') || ident(2).as_deref() == Some("fn") {
            return None;
        }
        Some((Callee::Path(segments), place))
    }
}

pub(super) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|segment| unraw(&segment.ident))
        .collect()
}

fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Async(_) | Expr::Closure(_) => true,
        Expr::MethodCall(call) => is_literal(&call.receiver),
        Expr::Call(call) => call.args.iter().any(is_literal),
        _ => false,
    }
}

/// Whether a loop can be left from inside.
fn has_exit(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => has_exit(group.stream()),
        TokenTree::Ident(word) => word == "break" || word == "return",
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Literal(_) => false,
    })
}
