//! The rules of `#[context_entry]`. The error texts are in [`super::error`].

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{FnArg, Path, Result, ReturnType, Signature, Type};

use super::args::{EntryArgs, Generate, Required};
use super::error;
use crate::syntax::return_type::ReturnKind;

/// Checks for arguments that exclude each other.
pub(super) fn together(args: &EntryArgs) -> Result<()> {
    if let Some(layer) = args.layer {
        if let Some(policy) = &args.policy {
            return Err(error::policy_beside_layer(policy));
        }
        if args.carrier.is_some() {
            return Err(error::carrier_beside_layer(layer));
        }
    }
    if let (Some(first), None, None) = (args.keeping.first(), &args.carrier, args.layer) {
        return Err(error::keeping_without_carrier(first.span()));
    }
    if let (Some(required), Some(trust)) = (&args.required, &args.trust) {
        if !trust.value {
            return Err(error::required_and_untrusted(required.span()));
        }
    }
    if let (Some(Required::All(_)), Some(Generate::None(none))) = (&args.required, &args.generate) {
        return Err(error::required_and_not_generated(*none));
    }
    Ok(())
}

/// Checks the return type of an entry with required values that does not handle a request.
pub(super) fn required_message(sig: &Signature) -> Result<()> {
    let last = match &sig.output {
        _ if ReturnKind::of(sig).is_stream() => None,
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => return Ok(()),
        },
    };
    // Aliases of `Result`, and the boxed futures of methods that `#[async_trait]` has expanded.
    let fits =
        |name: &String| name.ends_with("Result") || name == "Pin" || name.ends_with("Future");
    if last.as_ref().is_some_and(fits) {
        return Ok(());
    }
    let span = match &sig.output {
        ReturnType::Default => sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    Err(error::required_without_result(span))
}

impl Required {
    fn span(&self) -> Span {
        match self {
            Required::All(span) => *span,
            Required::These(variables) => {
                variables.first().map_or_else(Span::call_site, Path::span)
            }
        }
    }
}

/// Checks a handler whose headers are extracted by its framework.
pub(super) fn extractor(sig: &Signature) -> Result<()> {
    if sig.asyncness.is_none() {
        return Err(error::no_headers(sig.fn_token.span));
    }
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first() {
        return Err(error::method_without_headers(receiver.self_token.span));
    }
    framework(cfg!(feature = "http"), sig)
}

/// Without this error, the compiler would report that a hidden item is missing.
fn framework(is_on: bool, sig: &Signature) -> Result<()> {
    if is_on {
        Ok(())
    } else {
        Err(error::requires_framework(sig.ident.span()))
    }
}

/// Checks that a function is async if an argument has the headers of a request.
pub(super) fn request_is_async(sig: &Signature) -> Result<()> {
    match sig.asyncness {
        Some(_) => Ok(()),
        None => Err(error::request_not_async(sig.fn_token.span)),
    }
}

/// Checks that the feature `http` is enabled if a function returns an `http::Response`.
pub(super) fn http_response(output: &Type) -> Result<()> {
    if cfg!(feature = "http") {
        Ok(())
    } else {
        Err(error::requires_http(output.span()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_the_required_features() {
        let sig: Signature = syn::parse_quote!(async fn show(id: Path<u32>) -> String);
        let text = framework(false, &sig).unwrap_err().to_string();
        assert!(
            text.contains("the feature `axum`, `actix-web` or `poem`"),
            "{text}"
        );
        assert!(framework(true, &sig).is_ok());
    }
}
