//! Classifies what a function that is not async returns: a future, a stream, or neither.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Token, Type, TypeParamBound,
};

/// The kind of a return type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReturnKind {
    /// `impl Future` or `impl Stream`, whose type is known only from the body.
    Opaque(Kind),
    /// `Pin<Box<dyn Future>>` or `Pin<Box<dyn Stream>>`, spelled out or by its alias in `futures`.
    Boxed(Kind),
    /// Anything else.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Future,
    Stream,
}

impl ReturnKind {
    pub(crate) fn of(sig: &Signature) -> Self {
        Self::of_output(&sig.output)
    }

    pub(crate) fn of_output(output: &ReturnType) -> Self {
        let ReturnType::Type(_, ty) = output else {
            return ReturnKind::Other;
        };
        Self::of_type(ty)
    }

    fn of_type(ty: &Type) -> Self {
        let found = match visible(ty) {
            Type::ImplTrait(found) if are_kept(&found.bounds) => {
                kind(&found.bounds).map(ReturnKind::Opaque)
            }
            Type::Path(path) => path.path.segments.last().and_then(boxed),
            _ => None,
        };
        found.unwrap_or(ReturnKind::Other)
    }

    pub(crate) fn is_boxed(self) -> bool {
        matches!(self, ReturnKind::Boxed(_))
    }

    pub(crate) fn is_stream(self) -> bool {
        matches!(
            self,
            ReturnKind::Opaque(Kind::Stream) | ReturnKind::Boxed(Kind::Stream)
        )
    }
}

pub(crate) fn is_boxed(ty: &Type) -> bool {
    ReturnKind::of_type(ty).is_boxed()
}

/// Whether a return type contains boxed futures or streams, and no pinned box of a named type.
pub(crate) fn holds_boxed(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else {
        return false;
    };
    let mut found = Vec::new();
    pinned_in(ty, &mut found);
    found.contains(&true) && !found.contains(&false)
}

/// Adds to `found`, for each pinned box in a type, whether it contains a `dyn Future` or `dyn Stream`.
fn pinned_in(ty: &Type, found: &mut Vec<bool>) {
    match visible(ty) {
        Type::Array(array) => pinned_in(&array.elem, found),
        Type::Slice(slice) => pinned_in(&slice.elem, found),
        Type::Reference(reference) => pinned_in(&reference.elem, found),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| pinned_in(ty, found)),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return;
            };
            if is_boxed(ty) {
                found.push(true);
                return;
            }
            if last.ident == "Pin" {
                found.push(false);
            }
            if let PathArguments::AngleBracketed(arguments) = &last.arguments {
                for argument in &arguments.args {
                    if let GenericArgument::Type(ty) = argument {
                        pinned_in(ty, found);
                    }
                }
            }
        }
        _ => {}
    }
}

fn boxed(last: &PathSegment) -> Option<ReturnKind> {
    let kind = match last.ident.to_string().as_str() {
        "BoxFuture" | "LocalBoxFuture" => Kind::Future,
        "BoxStream" | "LocalBoxStream" => Kind::Stream,
        "Pin" => {
            let Type::Path(boxed) = visible(first_argument(last)?) else {
                return None;
            };
            let last = boxed.path.segments.last()?;
            match visible(first_argument(last)?) {
                Type::TraitObject(object) if last.ident == "Box" => kind(&object.bounds)?,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(ReturnKind::Boxed(kind))
}

type Bounds = Punctuated<TypeParamBound, Token![+]>;

/// The names of the traits among the bounds.
fn traits(bounds: &Bounds) -> impl Iterator<Item = &Ident> {
    bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().map(|last| &last.ident),
        _ => None,
    })
}

fn kind(bounds: &Bounds) -> Option<Kind> {
    traits(bounds).find_map(|name| match name.to_string().as_str() {
        "Future" => Some(Kind::Future),
        "Stream" => Some(Kind::Stream),
        _ => None,
    })
}

/// Whether the wrapper implements all of these traits if the wrapped type does.
fn are_kept(bounds: &Bounds) -> bool {
    traits(bounds).all(|name| KEPT.iter().any(|kept| name == kept))
}

const KEPT: &[&str] = &[
    "Future",
    "RefUnwindSafe",
    "Send",
    "Sized",
    "Stream",
    "Sync",
    "Unpin",
    "UnwindSafe",
];

/// Returns the first type among the generic arguments of a path's segment.
pub(crate) fn first_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Returns the type inside parentheses and invisible groups.
fn visible(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => visible(&paren.elem),
        Type::Group(group) => visible(&group.elem),
        other => other,
    }
}
