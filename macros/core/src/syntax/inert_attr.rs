//! Recognizes attributes that do not restrict how the function is spelled.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// Attributes that do not depend on whether a function is async.
const INERT: &[&str] = &[
    "allow",
    "cfg",
    "cold",
    "coverage",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "inline",
    "link_section",
    "must_use",
    "no_mangle",
    "optimize",
    "target_feature",
    "track_caller",
    "warn",
];

/// Tools whose attributes the compiler ignores.
const TOOLS: &[&str] = &[
    "clippy",
    "diagnostic",
    "rust_analyzer",
    "rustdoc",
    "rustfmt",
];

/// Whether an attribute is not a macro that reads the expanded function.
pub(crate) fn is_inert(attr: &Attribute) -> bool {
    is_inert_meta(&attr.meta)
}

fn is_inert_meta(meta: &Meta) -> bool {
    let path = meta.path();
    let Some(first) = path.segments.first().map(|first| first.ident.to_string()) else {
        return false;
    };
    if path.segments.len() > 1 {
        return TOOLS.contains(&first.as_str());
    }
    let nested = |skip| match meta {
        Meta::List(list) => Punctuated::<Meta, Token![,]>::parse_terminated
            .parse2(list.tokens.clone())
            .is_ok_and(|metas| metas.iter().skip(skip).all(is_inert_meta)),
        _ => false,
    };
    match first.as_str() {
        // The first is the condition.
        "cfg_attr" => nested(1),
        "unsafe" => nested(0),
        name => INERT.contains(&name),
    }
}
