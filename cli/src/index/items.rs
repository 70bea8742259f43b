//! From items to functions.

use std::collections::HashMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Fields, FnArg, Generics, ImplItemFn, Item, ItemFn, ItemImpl, ItemMacro,
    ItemMod, ItemStruct, ItemTrait, ItemUse, Pat, ReturnType, Signature, TraitItemFn, Type,
    UseTree,
};

use super::annotation::{Own, own_attribute, path_of, stripped};
use super::body;
use super::sites::{self, Attribute as Ours};
use super::types::{Bounds, is_handler, is_runnable, name_of};
use super::{Annotation, Function, Index, entry};
use crate::config::Config;
use crate::modules::{Files, is_for_tests};
use crate::source::range;

/// Reads the functions of some files of one package.
pub(crate) fn read_files(index: &mut Index, files: Files, package: usize, config: &Config) {
    for file in files.read {
        let number = index.files.len();
        let mut reader = Reader {
            functions: Vec::new(),
            fields: HashMap::new(),
            imports: HashMap::new(),
            has_glob: false,
            package,
            file: number,
            module: file.module.clone(),
            for_tests: file.for_tests,
            config,
            block: Block_::default(),
            is_warp: file.source.text.contains("warp::"),
        };
        reader.visit_file(&file.syntax);
        index.functions.append(&mut reader.functions);
        index.fields.extend(reader.fields);
        index.imports.push(reader.imports);
        index.globs.push(reader.has_glob);
        index.files.push(file);
    }
}

/// The `impl`, `trait` or `mod` around.
#[derive(Clone, Default)]
struct Block_ {
    owner: Option<String>,
    trait_name: Option<String>,
    bounds: Bounds,
    /// The attribute of ours on it.
    attribute: Option<Ours>,
    skipped: bool,
}

struct Reader<'a> {
    functions: Vec<Function>,
    fields: HashMap<String, Vec<(String, String)>>,
    imports: HashMap<String, Vec<String>>,
    has_glob: bool,
    package: usize,
    file: usize,
    module: Vec<String>,
    for_tests: bool,
    config: &'a Config,
    block: Block_,
    is_warp: bool,
}

/// What a function, a method and a default method have in common.
struct Parts<'a> {
    attrs: &'a [Attribute],
    sig: &'a Signature,
    block: &'a Block,
    /// The whole item, without attributes of ours.
    bare: TokenStream,
    /// The item without any attribute.
    head: TokenStream,
    item: std::ops::Range<usize>,
    entry: Option<&'static str>,
}

impl Reader<'_> {
    fn function(&mut self, parts: &Parts<'_>) {
        let name = parts.sig.ident.to_string();
        let mut bounds = self.block.bounds.clone();
        bounds.add(&parts.sig.generics);
        let own = own_attribute(parts.attrs);
        let annotation = match (&own, &self.block.attribute) {
            (Some(Own::Skip), _) => Annotation::Skipped,
            (None, None) if self.block.skipped => Annotation::Skipped,
            (Some(Own::Attribute(_)), _) | (None, Some(_)) => Annotation::Present,
            (None, None) => Annotation::None,
        };
        let attribute = match (own, &self.block.attribute) {
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
            site.passes_parameter = site.mentioned.iter().any(|name| runnable.contains(name));
        }
        let is_wrapper = found.iter().any(|site| site.passes_parameter);
        let takes_handler = inputs
            .iter()
            .any(|input| matches!(input, FnArg::Typed(typed) if is_handler(&typed.ty, &bounds)));
        let body = body::read(
            parts.block,
            inputs,
            self.block.owner.as_deref(),
            &bounds,
            self.is_warp,
        );
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
        self.functions.push(Function {
            owner: self.block.owner.clone(),
            trait_name: self.block.trait_name.clone(),
            module: self.module.clone(),
            package: self.package,
            file: self.file,
            arity: inputs.len() - usize::from(has_self),
            has_self,
            is_macro: false,
            returns_future: parts.sig.asyncness.is_some() || returns_future(&parts.sig.output),
            returns: match &parts.sig.output {
                ReturnType::Type(_, ty) => name_of(ty, self.block.owner.as_deref(), &bounds),
                ReturnType::Default => None,
            },
            for_tests: self.for_tests || is_for_tests(parts.attrs),
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
        let outer = std::mem::take(&mut self.block);
        self.module.push(name);
        self.visit_block(parts.block);
        self.module.pop();
        self.block = outer;
    }

    fn inside(&mut self, block: Block_, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.block, block);
        visit(self);
        self.block = outer;
    }

    /// What an attribute on a block says of its members; an outer one reaches into it.
    fn block_attribute(&self, attrs: &[Attribute]) -> (Option<Ours>, bool) {
        match own_attribute(attrs) {
            Some(Own::Attribute(attribute)) => (Some(attribute), false),
            Some(Own::Skip) => (None, true),
            None => (self.block.attribute.clone(), self.block.skipped),
        }
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        let (bare, head) = stripped(item, |item| &mut item.attrs);
        self.function(&Parts {
            attrs: &item.attrs,
            sig: &item.sig,
            block: &item.block,
            bare,
            head,
            item: range(item.span()),
            entry: None,
        });
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        let trait_name = item
            .trait_
            .as_ref()
            .and_then(|(path, _)| path.segments.last());
        let trait_name = trait_name.map(|last| last.ident.to_string());
        let (attribute, skipped) = self.block_attribute(&item.attrs);
        let mut bounds = Bounds::default();
        bounds.add(&item.generics);
        let block = Block_ {
            owner: name_of(&item.self_ty, None, &Bounds::default()),
            trait_name: trait_name.clone(),
            bounds,
            attribute,
            skipped,
        };
        let for_tests = self.for_tests;
        self.for_tests |= is_for_tests(&item.attrs);
        self.inside(block, |reader| {
            for member in &item.items {
                let syn::ImplItem::Fn(member) = member else {
                    continue;
                };
                reader.method(
                    member,
                    entry::of_impl(item, trait_name.as_deref(), &member.sig),
                );
            }
        });
        self.for_tests = for_tests;
    }

    fn visit_item_trait(&mut self, item: &'a ItemTrait) {
        let (attribute, skipped) = self.block_attribute(&item.attrs);
        let mut bounds = Bounds::default();
        bounds.add(&item.generics);
        let block = Block_ {
            owner: Some(item.ident.to_string()),
            trait_name: Some(item.ident.to_string()),
            bounds,
            attribute,
            skipped,
        };
        self.inside(block, |reader| visit::visit_item_trait(reader, item));
    }

    fn visit_trait_item_fn(&mut self, member: &'a TraitItemFn) {
        let Some(block) = &member.default else {
            return;
        };
        let (bare, head) = stripped(member, |member| &mut member.attrs);
        self.function(&Parts {
            attrs: &member.attrs,
            sig: &member.sig,
            block,
            bare,
            head,
            item: range(member.span()),
            entry: None,
        });
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        let (attribute, skipped) = self.block_attribute(&item.attrs);
        let for_tests = self.for_tests;
        self.for_tests |= is_for_tests(&item.attrs);
        self.module.push(item.ident.to_string());
        let block = Block_ {
            attribute,
            skipped,
            ..Block_::default()
        };
        self.inside(block, |reader| visit::visit_item_mod(reader, item));
        self.module.pop();
        self.for_tests = for_tests;
    }

    fn visit_item_struct(&mut self, item: &'a ItemStruct) {
        let bounds = bounds_of(&item.generics);
        let mut fields = Vec::new();
        for (number, field) in item.fields.iter().enumerate() {
            let name = match &item.fields {
                Fields::Named(_) => field.ident.as_ref().map(ToString::to_string),
                _ => Some(number.to_string()),
            };
            fields.extend(name.zip(name_of(&field.ty, None, &bounds)));
        }
        self.fields.insert(item.ident.to_string(), fields);
    }

    fn visit_item_macro(&mut self, item: &'a ItemMacro) {
        let Some(name) = item
            .ident
            .as_ref()
            .filter(|_| item.mac.path.is_ident("macro_rules"))
        else {
            self.items_in(item.mac.tokens.clone());
            return;
        };
        let at = range(item.span());
        self.functions.push(Function {
            name: name.to_string(),
            owner: None,
            trait_name: None,
            module: self.module.clone(),
            package: self.package,
            file: self.file,
            arity: 0,
            has_self: false,
            is_macro: true,
            returns_future: false,
            returns: None,
            for_tests: self.for_tests || is_for_tests(&item.attrs),
            annotation: Annotation::None,
            attributes: Vec::new(),
            entry: None,
            name_at: range(name.span()),
            insert_at: at.start,
            item: at,
            body: body::read_tokens(item.mac.tokens.clone()),
            sites: sites::of_tokens(&item.mac.tokens),
            attribute_arguments: String::new(),
            skipped: Vec::new(),
            cannot: None,
            is_wrapper: false,
            takes_handler: false,
        });
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.import(&item.tree, &mut Vec::new());
    }

    fn visit_item(&mut self, item: &'a Item) {
        visit::visit_item(self, item);
    }
}

impl Reader<'_> {
    /// The items in `cfg_if! { if #[cfg(..)] { .. } else { .. } }` and its like.
    fn items_in(&mut self, tokens: TokenStream) {
        for tree in tokens {
            let TokenTree::Group(group) = tree else {
                continue;
            };
            match syn::parse2::<syn::File>(group.stream()) {
                Ok(file) if group.delimiter() == Delimiter::Brace => {
                    for item in &file.items {
                        self.visit_item(item);
                    }
                }
                _ => self.items_in(group.stream()),
            }
        }
    }

    fn method(&mut self, member: &ImplItemFn, entry: Option<&'static str>) {
        let (bare, head) = stripped(member, |member| &mut member.attrs);
        self.function(&Parts {
            attrs: &member.attrs,
            sig: &member.sig,
            block: &member.block,
            bare,
            head,
            item: range(member.span()),
            entry,
        });
    }

    fn import(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.import(&inner.tree, path);
                path.pop();
            }
            UseTree::Name(name) if name.ident == "self" => {
                let last = path.last().cloned();
                self.imports.extend(last.map(|last| (last, path.clone())));
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                let whole = path.iter().cloned().chain([name.clone()]).collect();
                self.imports.insert(name, whole);
            }
            UseTree::Rename(rename) => {
                let whole = path
                    .iter()
                    .cloned()
                    .chain([rename.ident.to_string()])
                    .collect();
                self.imports.insert(rename.rename.to_string(), whole);
            }
            UseTree::Glob(_) => self.has_glob = true,
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path);
                }
            }
        }
    }
}

fn bounds_of(generics: &Generics) -> Bounds {
    let mut bounds = Bounds::default();
    bounds.add(generics);
    bounds
}

/// The name of a parameter that a spawn helper would pass on.
fn runnable(input: &FnArg, bounds: &Bounds) -> Option<String> {
    let FnArg::Typed(typed) = input else {
        return None;
    };
    let Pat::Ident(name) = &*typed.pat else {
        return None;
    };
    is_runnable(&typed.ty, bounds).then(|| name.ident.to_string())
}

fn returns_future(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else {
        return false;
    };
    let text = ty.to_token_stream().to_string();
    matches!(&**ty, Type::ImplTrait(_) | Type::Path(_))
        && (text.contains("Future") || text.contains("BoxFuture"))
}
