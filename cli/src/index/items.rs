//! Reads functions from items.

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Fields, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl, ItemMacro, ItemMod,
    ItemStruct, ItemTrait, ItemType, TraitItemFn,
};

use super::annotation::{Own, own_attribute, stripped};
use super::function::Parts;
use super::imports::Imports;
use super::macros;
use super::sites::Attribute as Ours;
use super::types::{Bounds, name_of};
use super::{Definition, Index, entry};
use crate::config::Config;
use crate::modules::{Files, is_for_tests};
use crate::source::{range, unraw};

/// Reads the functions of some files of one package.
pub(crate) fn read_files(index: &mut Index, files: Files, package: usize, config: &Config) {
    for file in files.read {
        let number = index.files.len();
        let imports = Imports::read(&file.syntax);
        let mut reader = Reader {
            index: &mut *index,
            imports: &imports,
            package,
            file: number,
            module: file.module.clone(),
            for_tests: file.for_tests,
            config,
            around: Around::default(),
            is_warp: file.source.text.contains("warp::"),
        };
        reader.visit_file(&file.syntax);
        let module = (package, file.module.clone());
        index.modules.entry(module).or_insert(number);
        index.imports.push(imports);
        index.files.push(file);
    }
}

/// The enclosing `impl`, `trait` or `mod`.
#[derive(Clone, Default)]
pub(super) struct Around {
    pub(super) owner: Option<String>,
    pub(super) trait_name: Option<String>,
    pub(super) bounds: Bounds,
    /// Its attribute of this crate.
    pub(super) attribute: Option<Ours>,
    pub(super) skipped: bool,
}

pub(super) struct Reader<'a> {
    pub(super) index: &'a mut Index,
    pub(super) imports: &'a Imports,
    pub(super) package: usize,
    pub(super) file: usize,
    pub(super) module: Vec<String>,
    pub(super) for_tests: bool,
    pub(super) config: &'a Config,
    pub(super) around: Around,
    pub(super) is_warp: bool,
}

impl Reader<'_> {
    fn inside(&mut self, around: Around, attrs: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.around, around);
        let for_tests = self.for_tests;
        self.for_tests |= is_for_tests(attrs);
        visit(self);
        self.for_tests = for_tests;
        self.around = outer;
    }

    fn defined<T>(&self, value: T) -> Definition<T> {
        Definition {
            package: self.package,
            file: self.file,
            module: self.module.clone(),
            value,
        }
    }

    /// Returns what an attribute on a block means for its members. The attribute of an outer block also applies
    /// to inner ones.
    fn block_attribute(&self, attrs: &[Attribute]) -> (Option<Ours>, bool) {
        match own_attribute(attrs, self.imports) {
            Some(Own::Attribute(attribute)) => (Some(attribute), false),
            Some(Own::Skip) => (None, true),
            None => (self.around.attribute.clone(), self.around.skipped),
        }
    }

    fn method(&mut self, member: &ImplItemFn, entry: Option<&'static str>) {
        let (bare, head) = stripped(member, |member| &mut member.attrs, self.imports);
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

    fn members(&mut self, item: &ItemImpl, members: &[ImplItem]) {
        let trait_name = self.around.trait_name.clone();
        for member in members {
            match member {
                ImplItem::Fn(member) => {
                    let entry =
                        entry::of_impl(item, trait_name.as_deref(), &member.sig, self.imports);
                    self.method(member, entry);
                }
                ImplItem::Macro(member) => {
                    let members = macros::members_in(&member.mac.tokens);
                    self.members(item, &members);
                }
                _ => {}
            }
        }
    }

    /// Reads the items in the arguments of a macro, such as `cfg_if! { if #[cfg(..)] { .. } else { .. } }` and
    /// `cfg_net! { .. }`.
    fn items_in(&mut self, tokens: &TokenStream) {
        for file in macros::items_in(tokens) {
            for item in &file.items {
                self.visit_item(item);
            }
        }
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        let (bare, head) = stripped(item, |item| &mut item.attrs, self.imports);
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
        let (attribute, skipped) = self.block_attribute(&item.attrs);
        let around = Around {
            owner: name_of(&item.self_ty, None, &Bounds::default()),
            trait_name: trait_name.map(|last| unraw(&last.ident)),
            bounds: Bounds::of(&item.generics),
            attribute,
            skipped,
        };
        self.inside(around, &item.attrs, |reader| {
            reader.members(item, &item.items);
        });
    }

    fn visit_item_trait(&mut self, item: &'a ItemTrait) {
        let (attribute, skipped) = self.block_attribute(&item.attrs);
        let around = Around {
            owner: Some(unraw(&item.ident)),
            trait_name: Some(unraw(&item.ident)),
            bounds: Bounds::of(&item.generics),
            attribute,
            skipped,
        };
        self.inside(around, &item.attrs, |reader| {
            visit::visit_item_trait(reader, item);
        });
    }

    fn visit_trait_item_fn(&mut self, member: &'a TraitItemFn) {
        let Some(block) = &member.default else {
            return;
        };
        let (bare, head) = stripped(member, |member| &mut member.attrs, self.imports);
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
        let around = Around {
            attribute,
            skipped,
            ..Around::default()
        };
        self.module.push(unraw(&item.ident));
        self.inside(around, &item.attrs, |reader| {
            visit::visit_item_mod(reader, item);
        });
        self.module.pop();
    }

    fn visit_item_struct(&mut self, item: &'a ItemStruct) {
        let bounds = Bounds::of(&item.generics);
        let mut fields = Vec::new();
        for (number, field) in item.fields.iter().enumerate() {
            let name = match &item.fields {
                Fields::Named(_) => field.ident.as_ref().map(unraw),
                _ => Some(number.to_string()),
            };
            fields.extend(name.zip(name_of(&field.ty, None, &bounds)));
        }
        let definition = self.defined(fields);
        let known = self.index.fields.entry(unraw(&item.ident));
        known.or_default().push(definition);
    }

    fn visit_item_type(&mut self, item: &'a ItemType) {
        if let Some(of) = name_of(&item.ty, None, &Bounds::of(&item.generics)) {
            let definition = self.defined(of);
            let known = self.index.aliases.entry(unraw(&item.ident));
            known.or_default().push(definition);
        }
    }

    fn visit_item_macro(&mut self, item: &'a ItemMacro) {
        match &item.ident {
            Some(name) if item.mac.path.is_ident("macro_rules") => self.macro_rules(item, name),
            _ => self.items_in(&item.mac.tokens),
        }
    }

    fn visit_item(&mut self, item: &'a Item) {
        visit::visit_item(self, item);
    }
}
