//! What a function that is not async returns: a future or a stream, or none of these.

use proc_macro2::Ident;
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Type, TypeParamBound,
};

/// What a function that is not async returns, as far as it matters here.
pub(crate) enum Returns {
    /// `impl Future` or `impl Stream`, of a type that only the body names.
    Opaque,
    /// `Pin<Box<dyn Future>>` or `Pin<Box<dyn Stream>>`, by itself or by the name that `futures` has
    /// for it.
    Boxed,
    /// Anything else.
    Other,
}

impl Returns {
    pub(crate) fn of(sig: &Signature) -> Self {
        match &sig.output {
            ReturnType::Type(_, ty) if is_opaque_future(ty) => Returns::Opaque,
            ReturnType::Type(_, ty) if is_boxed_future(ty) => Returns::Boxed,
            _ => Returns::Other,
        }
    }
}

fn is_boxed_future(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            path.path
                .segments
                .last()
                .is_some_and(|last| match last.ident.to_string().as_str() {
                    "BoxFuture" | "LocalBoxFuture" | "BoxStream" | "LocalBoxStream" => true,
                    "Pin" => first_argument(last)
                        .and_then(|boxed| match boxed {
                            Type::Path(boxed) => boxed.path.segments.last(),
                            _ => None,
                        })
                        .filter(|last| last.ident == "Box")
                        .and_then(first_argument)
                        .is_some_and(is_dyn_future),
                    _ => false,
                })
        }
        Type::Paren(paren) => is_boxed_future(&paren.elem),
        Type::Group(group) => is_boxed_future(&group.elem),
        _ => false,
    }
}

fn is_dyn_future(ty: &Type) -> bool {
    match ty {
        Type::TraitObject(object) => object
            .bounds
            .iter()
            .any(|bound| last_of_bound(bound).is_some_and(is_future)),
        Type::Paren(paren) => is_dyn_future(&paren.elem),
        Type::Group(group) => is_dyn_future(&group.elem),
        _ => false,
    }
}

fn is_future(name: &Ident) -> bool {
    name == "Future" || name == "Stream"
}

fn last_of_bound(bound: &TypeParamBound) -> Option<&Ident> {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// The first type among the generic arguments of a path's segment.
pub(crate) fn first_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether our wrapper implements all that is promised about the type, and it is a future or a
/// stream.
fn is_opaque_future(ty: &Type) -> bool {
    let found = match ty {
        Type::ImplTrait(found) => found,
        Type::Paren(paren) => return is_opaque_future(&paren.elem),
        Type::Group(group) => return is_opaque_future(&group.elem),
        _ => return false,
    };
    let mut found_future = false;
    for bound in &found.bounds {
        let TypeParamBound::Trait(_) = bound else {
            continue;
        };
        let Some(name) = last_of_bound(bound) else {
            return false;
        };
        if is_future(name) {
            found_future = true;
        } else if !KEPT.iter().any(|kept| name == kept) {
            return false;
        }
    }
    found_future
}

/// Traits that our wrapper has where what it wraps has them.
const KEPT: &[&str] = &[
    "RefUnwindSafe",
    "Send",
    "Sized",
    "Sync",
    "Unpin",
    "UnwindSafe",
];
