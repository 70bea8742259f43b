//! Collects the information about one function.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Attribute, Block, FnArg, Pat, ReturnType, Signature, Type};

use super::annotation::{Own, own_attribute, path_of};
use super::items::Reader;
use super::sites::{self, Attribute as Ours};
use super::types::{Bounds, is_handler, is_runnable, name_of};
use super::{Annotation, Function, body, entry};
use crate::modules::is_for_tests;
use crate::source::{range, unraw};

/// The common parts of functions, methods and default methods.
pub(super) struct Parts<'a> {
    pub(super) attrs: &'a [Attribute],
    pub(super) sig: &'a Signature,
    pub(super) block: &'a Block,
    /// The whole item, without the attributes of this crate.
    pub(super) bare: TokenStream,
    /// The item without any attribute.
    pub(super) head: TokenStream,
    pub(super) item: std::ops::Range<usize>,
    pub(super) entry: Option<&'static str>,
}

impl Reader<'_> {
    pub(super) fn function(&mut self, parts: &Parts<'_>) {
        let name = unraw(&parts.sig.ident);
        let mut bounds = self.around.bounds.clone();
        bounds.add(&parts.sig.generics);
        let own = own_attribute(parts.attrs, self.imports);
        let annotation = match (&own, &self.around.attribute) {
            (Some(Own::Skip), _) => Annotation::Skipped,
            (None, None) if self.around.skipped => Annotation::Skipped,
            (Some(Own::Attribute(_)), _) | (None, Some(_)) => Annotation::Present,
            (None, None) => Annotation::None,
        };
        let attribute = match (own, &self.around.attribute) {
            (Some(Own::Attribute(attribute)), _) => attribute,
            (_, Some(attribute)) => attribute.clone(),
            _ => Ours::Propagate(self.config.attribute_arguments(&parts.bare)),
        };
        let expanded = sites::of_item(parts.bare.clone(), &attribute);
        let mut found = expanded.sites;
        if annotation == Annotation::Skipped {
            found.clear();
        }
        let inputs = &parts.sig.inputs;
        let runnable: Vec<String> = inputs
            .iter()
            .filter_map(|input| runnable(input, &bounds))
            .collect();
        for site in &mut found {
            site.is_configured = self.config.names_spawner(&site.segments);
            site.passes_parameter = site.mentioned.iter().any(|name| runnable.contains(name));
        }
        let is_wrapper = found.iter().any(|site| site.passes_parameter);
        let takes_handler = inputs
            .iter()
            .any(|input| matches!(input, FnArg::Typed(typed) if is_handler(&typed.ty, &bounds)));
        let body = body::read(
            parts.block,
            inputs,
            self.around.owner.as_deref(),
            &bounds,
            self.is_warp,
        );
        let for_tests = self.for_tests || is_for_tests(parts.attrs);
        let has_self = parts.sig.receiver().is_some();
        let insert_at = parts
            .head
            .clone()
            .into_iter()
            .next()
            .map_or(0, |first| range(first.span()).start);
        let attribute_arguments = match attribute {
            Ours::Propagate(arguments) if annotation == Annotation::None => arguments,
            _ => String::new(),
        };
        self.index.functions.push(Function {
            owner: self.around.owner.clone(),
            trait_name: self.around.trait_name.clone(),
            module: self.module.clone(),
            package: self.package,
            file: self.file,
            arity: inputs.len() - usize::from(has_self),
            has_self,
            is_macro: false,
            returns_future: parts.sig.asyncness.is_some() || returns_future(&parts.sig.output),
            returns: match &parts.sig.output {
                ReturnType::Type(_, ty) => name_of(ty, self.around.owner.as_deref(), &bounds),
                ReturnType::Default => None,
            },
            for_tests,
            annotation,
            attributes: parts.attrs.iter().map(path_of).collect(),
            entry: parts.entry.or_else(|| entry::of_attributes(parts.attrs)),
            name_at: range(parts.sig.ident.span()),
            insert_at,
            item: parts.item.clone(),
            body,
            sites: found,
            attribute_arguments,
            skipped: expanded.skipped,
            cannot: expanded.cannot,
            is_wrapper,
            takes_handler,
            name: name.clone(),
        });
        // Items in the body.
        let outer = std::mem::take(&mut self.around);
        let for_tests = std::mem::replace(&mut self.for_tests, for_tests);
        self.module.push(name);
        self.visit_block(parts.block);
        self.module.pop();
        self.for_tests = for_tests;
        self.around = outer;
    }
}

/// Returns the name of a parameter that a spawn helper would pass on.
fn runnable(input: &FnArg, bounds: &Bounds) -> Option<String> {
    let FnArg::Typed(typed) = input else {
        return None;
    };
    let Pat::Ident(name) = &*typed.pat else {
        return None;
    };
    is_runnable(&typed.ty, bounds).then(|| unraw(&name.ident))
}

fn returns_future(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else {
        return false;
    };
    let text = ty.to_token_stream().to_string();
    matches!(&**ty, Type::ImplTrait(_) | Type::Path(_))
        && (text.contains("Future") || text.contains("BoxFuture"))
}
