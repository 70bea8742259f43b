//! Expands `#[context_entry]`: a function that runs in a new scope, which starts from a carrier.
//!
//! ```text
//! async fn checkout(State(shop): State<Shop>) -> Result<Json<Order>, Error> { body }
//! ```
//! becomes
//! ```text
//! fn checkout(__arg0: EntryExtractor<State<Shop>>) -> impl Future<Output = EntryOutput<Result<Json<Order>, Error>>> {
//!     async move {
//!         static __ENTRY: OnceLock<Entry> = OnceLock::new();
//!         let EntryExtractor { request: __request, value: State(shop) } = __arg0;
//!         let __entry = __ENTRY.get_or_init(|| Entry::new().extract(..));
//!         EntryCall::of_request(__entry, &__request, None).run(async move { body }).await
//!     }
//! }
//! ```
//! There is no `EntryExtractor` if an argument has headers or `carrier` names them, and no `EntryOutput` if the
//! function returns an `http::Response` or does not handle HTTP.

mod args;
mod check;
mod error;
mod nested;
mod policy;
mod signature;
mod wrapper;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Result};

use self::args::EntryArgs;
use self::wrapper::EntryWrapper;
use crate::expand::function::{self, ExpandOptions};
use crate::expand::order;
use crate::expand::signature::expected_output;
use crate::syntax::attr_role::AttrRole;
use crate::syntax::item::{self, Function, Target};
use crate::syntax::return_type::ReturnKind;

/// Expands `#[context_entry(args)] item`.
pub(crate) fn expand_item(trees: &[TokenTree], args: &EntryArgs) -> Result<TokenStream> {
    check::together(args)?;
    let mut function = match item::target(trees)? {
        Target::Function(function) => *function,
        Target::Declaration(name) => return Err(error::declaration(&name)),
        Target::Other(what, keyword) => return Err(error::wrong_target(&what, keyword)),
    };
    crate::check::single(&function.attrs, "context_entry")?;
    if let Some(keyword) = &function.sig.constness {
        return Err(error::const_fn(keyword.span));
    }
    let is_wrapped = has(&function, AttrRole::Body);
    let can_nest = nested::is_possible(&function, args);
    if !args.common.expand_here {
        let is_first = |attr: &Attribute| match AttrRole::of(attr) {
            AttrRole::Describes => true,
            AttrRole::Body => !can_nest,
            _ => false,
        };
        if function.attrs.iter().any(is_first) {
            let ours = "context_entry";
            return Ok(order::expand_after(&function, ours, &args.common, is_first));
        }
    }
    let mut common = args.common.clone();
    if is_wrapped && can_nest {
        nested::nest(&mut function, args)?;
        // The calls of these spawners are in the nested function, where they have been found.
        common.spawn.clear();
        common.spawn_blocking.clear();
    }
    let expected = expected_output(&function.sig, &common.runtime);
    let is_stream = ReturnKind::of(&function.sig).is_stream();
    let (begin, finish) = signature::prepare(&mut function, args)?;
    let options = ExpandOptions {
        wrapper: Box::new(EntryWrapper::new(args, begin, finish, is_stream, expected)),
        keep_async: false,
        is_member: false,
    };
    function::expand(function, &common, &options)
}

fn has(function: &Function, role: AttrRole) -> bool {
    function.attrs.iter().any(|attr| AttrRole::of(attr) == role)
}
