//! Guesses types from the syntax alone. No guess is better than a wrong one.

use std::collections::HashMap;

use syn::punctuated::Punctuated;
use syn::{
    Expr, GenericArgument, GenericParam, Generics, Member, PathArguments, PathSegment, Token, Type,
    TypeParamBound, WherePredicate,
};

use crate::source::unraw;

/// Types whose methods are mostly those of the value inside, or that only carry the value to a handler.
const WRAPPERS: &[&str] = &[
    "Arc",
    "ArcSwap",
    "Box",
    "Cow",
    "Data",
    "Extension",
    "LazyLock",
    "Lazy",
    "Mutex",
    "OnceCell",
    "OnceLock",
    "Option",
    "Pin",
    "Rc",
    "ReqData",
    "RefCell",
    "RwLock",
    "State",
    "Weak",
];

/// Methods that return the value inside a wrapper.
const TRANSPARENT: &[&str] = &[
    "as_deref",
    "as_mut",
    "as_ref",
    "borrow",
    "borrow_mut",
    "clone",
    "cloned",
    "expect",
    "get_mut",
    "get_ref",
    "into_inner",
    "load",
    "load_full",
    "lock",
    "read",
    "to_owned",
    "unwrap",
    "upgrade",
    "write",
];

/// The receiver of a method call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Receiver {
    /// A type or trait with this name.
    Named(String),
    Field(Box<Receiver>, String),
    /// The result of a method.
    Returned(Box<Receiver>, String),
    Unknown,
}

/// The bounds of generic parameters, as pairs of a name and a trait.
#[derive(Clone, Default, Debug)]
pub(crate) struct Bounds(HashMap<String, String>);

impl Bounds {
    pub(crate) fn of(generics: &Generics) -> Self {
        let mut bounds = Bounds::default();
        bounds.add(generics);
        bounds
    }

    pub(crate) fn add(&mut self, generics: &Generics) {
        for param in &generics.params {
            if let GenericParam::Type(param) = param {
                let bound = first_trait(&param.bounds).unwrap_or_default();
                self.0.insert(unraw(&param.ident), bound);
            }
        }
        for predicate in generics.where_clause.iter().flat_map(|w| &w.predicates) {
            if let WherePredicate::Type(predicate) = predicate {
                if let (Type::Path(path), Some(bound)) =
                    (&predicate.bounded_ty, first_trait(&predicate.bounds))
                {
                    if let Some(name) = path.path.get_ident() {
                        self.0.insert(unraw(name), bound);
                    }
                }
            }
        }
    }
}

/// Returns the first trait among the bounds that is not a marker trait.
fn first_trait(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<String> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let name = unraw(&bound.path.segments.last()?.ident);
            let is_marker = ["Send", "Sync", "Sized", "Clone", "Unpin", "Debug"].contains(&&*name);
            (!is_marker).then_some(name)
        }
        _ => None,
    })
}

/// Returns the name of a type or trait, inside references and wrappers.
pub(crate) fn name_of(ty: &Type, owner: Option<&str>, bounds: &Bounds) -> Option<String> {
    match ty {
        Type::Reference(reference) => name_of(&reference.elem, owner, bounds),
        Type::Paren(paren) => name_of(&paren.elem, owner, bounds),
        Type::Group(group) => name_of(&group.elem, owner, bounds),
        Type::TraitObject(object) => first_trait(&object.bounds),
        Type::ImplTrait(object) => first_trait(&object.bounds),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let name = unraw(&last.ident);
            if name == "Self" {
                return owner.map(str::to_owned);
            }
            if name == "Result" {
                return name_of(arguments(last).next()?, owner, bounds);
            }
            if WRAPPERS.contains(&&*name) {
                if let Some(inner) = arguments(last).last() {
                    return name_of(inner, owner, bounds);
                }
            }
            if let Some(bound) = bounds.0.get(&name) {
                return Some(bound.clone()).filter(|bound| !bound.is_empty());
            }
            Some(name)
        }
        _ => None,
    }
}

/// Returns the types among the generic arguments.
fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// Whether a parameter of this type is a future or a callable, as spawn helpers have it.
pub(crate) fn is_runnable(ty: &Type, bounds: &Bounds) -> bool {
    let Some(name) = name_of(ty, None, bounds) else {
        return false;
    };
    matches!(
        &*name,
        "Future" | "FnOnce" | "FnMut" | "Fn" | "BoxFuture" | "LocalBoxFuture" | "IntoFuture"
    )
}

/// Whether a parameter of this type is a handler of a web framework.
pub(crate) fn is_handler(ty: &Type, bounds: &Bounds) -> bool {
    name_of(ty, None, bounds).is_some_and(|name| name == "Handler")
}

/// The types of the variables of a function, if the code spells them out.
#[derive(Clone, Debug)]
pub(crate) struct Locals<'a> {
    pub(crate) owner: Option<&'a str>,
    pub(crate) bounds: &'a Bounds,
    pub(crate) names: HashMap<String, Receiver>,
}

impl Locals<'_> {
    /// Classifies an expression as the receiver of a method.
    pub(crate) fn receiver(&self, expr: &Expr) -> Receiver {
        match expr {
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) if name == "self" => self.named_self(),
                Some(name) => self.names.get(&unraw(name)).cloned(),
                None => None,
            }
            .unwrap_or(Receiver::Unknown),
            Expr::Field(field) => match (&field.member, self.receiver(&field.base)) {
                (_, Receiver::Unknown) => Receiver::Unknown,
                (Member::Named(name), base) => Receiver::Field(Box::new(base), unraw(name)),
                (Member::Unnamed(index), base) => {
                    Receiver::Field(Box::new(base), index.index.to_string())
                }
            },
            Expr::MethodCall(call) if TRANSPARENT.contains(&&*call.method.to_string()) => {
                self.receiver(&call.receiver)
            }
            Expr::MethodCall(call) => match self.receiver(&call.receiver) {
                Receiver::Unknown => Receiver::Unknown,
                base => Receiver::Returned(Box::new(base), unraw(&call.method)),
            },
            Expr::Await(inner) => self.receiver(&inner.base),
            Expr::Try(inner) => self.receiver(&inner.expr),
            Expr::Paren(inner) => self.receiver(&inner.expr),
            Expr::Group(inner) => self.receiver(&inner.expr),
            Expr::Reference(inner) => self.receiver(&inner.expr),
            Expr::Unary(inner) => self.receiver(&inner.expr),
            Expr::Struct(made) => match made.path.segments.last() {
                Some(last) => self.named(&unraw(&last.ident)),
                None => Receiver::Unknown,
            },
            Expr::Call(call) => self.made_by(&call.func, call.args.first()),
            _ => Receiver::Unknown,
        }
    }

    fn named_self(&self) -> Option<Receiver> {
        self.owner.map(|owner| Receiver::Named(owner.to_owned()))
    }

    fn named(&self, name: &str) -> Receiver {
        match name {
            "Self" => self.named_self().unwrap_or(Receiver::Unknown),
            name => Receiver::Named(name.to_owned()),
        }
    }

    /// Classifies the result of `Type::new(..)` or `Arc::new(value)`.
    fn made_by(&self, function: &Expr, argument: Option<&Expr>) -> Receiver {
        let Expr::Path(path) = function else {
            return Receiver::Unknown;
        };
        let segments = &path.path.segments;
        let Some(of) = segments.len().checked_sub(2).map(|at| &segments[at].ident) else {
            return Receiver::Unknown;
        };
        let of = unraw(of);
        let maker = unraw(&segments[segments.len() - 1].ident);
        if WRAPPERS.contains(&&*of) {
            return match argument {
                Some(argument)
                    if ["new", "clone", "from", "pin", "downgrade"].contains(&&*maker) =>
                {
                    self.receiver(argument)
                }
                _ => Receiver::Unknown,
            };
        }
        let makes_its_type = ["new", "default", "from", "clone"].contains(&&*maker)
            || maker.starts_with("new_")
            || maker.starts_with("from_")
            || maker.starts_with("with_");
        if makes_its_type && of.starts_with(char::is_uppercase) {
            return self.named(&of);
        }
        Receiver::Unknown
    }
}
