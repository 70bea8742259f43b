//! The index of the source files: the functions, their calls, and their spawn sites.

mod annotation;
mod body;
mod entry;
mod function;
mod imports;
mod items;
mod macros;
mod routers;
mod sites;
mod types;

pub(crate) use body::{Body, Call, Callee};
pub(crate) use imports::Imports;
pub(crate) use items::read_files;
pub(crate) use sites::{Argument, Site};
pub(crate) use types::Receiver;

use std::collections::HashMap;
use std::ops::Range;

use crate::modules::File;

/// Whether a function is annotated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Annotation {
    None,
    /// `#[propagate_context]` or `#[context_entry]`, on the function or on an enclosing block.
    Present,
    /// `#[propagate_context(skip)]`, by the user's decision.
    Skipped,
}

/// A function, a method or a `macro_rules!`.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts, each by itself")]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The type that the method belongs to.
    pub(crate) owner: Option<String>,
    /// The trait that the method belongs to.
    pub(crate) trait_name: Option<String>,
    pub(crate) module: Vec<String>,
    pub(crate) package: usize,
    pub(crate) file: usize,
    /// How many parameters it has, not counting `self`.
    pub(crate) arity: usize,
    pub(crate) has_self: bool,
    pub(crate) is_macro: bool,
    /// Whether it is async, or returns a future.
    pub(crate) returns_future: bool,
    /// The name of the type that it returns.
    pub(crate) returns: Option<String>,
    pub(crate) for_tests: bool,
    pub(crate) annotation: Annotation,
    /// The paths of its attributes.
    pub(crate) attributes: Vec<String>,
    /// Why requests start here.
    pub(crate) entry: Option<&'static str>,
    pub(crate) name_at: Range<usize>,
    /// The first byte after the attributes.
    pub(crate) insert_at: usize,
    pub(crate) item: Range<usize>,
    pub(crate) body: Body,
    pub(crate) sites: Vec<Site>,
    /// Statements with `#[propagate_context(skip)]`.
    pub(crate) skipped: Vec<Range<usize>>,
    /// The user's own spawners that the body calls, as arguments of the attribute.
    pub(crate) attribute_arguments: String,
    /// Why the attribute cannot be applied.
    pub(crate) cannot: Option<String>,
    /// Whether it passes one of its parameters, a future or closure, to a spawner.
    pub(crate) is_wrapper: bool,
    /// Whether it has a handler as a parameter, such as `fn get_internal(handler: impl Handler<..>)`.
    pub(crate) takes_handler: bool,
}

impl Function {
    /// Returns the name for reports: `Type::method` or `function`.
    pub(crate) fn shown(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}::{}", self.name),
            None if self.is_macro => format!("{}!", self.name),
            None => self.name.clone(),
        }
    }

    /// Returns all segments of its path.
    pub(crate) fn path(&self) -> Vec<&str> {
        let module = self.module.iter().map(String::as_str);
        let owner = self.owner.as_deref();
        module.chain(owner).chain([self.name.as_str()]).collect()
    }

    /// Whether the configuration refers to it with `path`: the end of its path, or `#[attribute]`.
    pub(crate) fn is_named(&self, path: &str) -> bool {
        if let Some(attribute) = path.strip_prefix("#[") {
            let wanted = attribute.trim_end_matches(']');
            return self
                .attributes
                .iter()
                .any(|own| own == wanted || own.ends_with(&format!("::{wanted}")));
        }
        let wanted: Vec<&str> = path
            .split("::")
            .map(|segment| segment.trim_start_matches("r#"))
            .collect();
        let own = self.path();
        let crate_name = wanted.len() > own.len();
        let wanted = &wanted[usize::from(crate_name)..];
        own.ends_with(wanted)
    }
}

/// The fields of a struct: name and type.
pub(crate) type Fields = Vec<(String, String)>;

/// A definition in a file.
#[derive(Debug)]
pub(crate) struct Definition<T> {
    pub(crate) package: usize,
    pub(crate) file: usize,
    pub(crate) module: Vec<String>,
    pub(crate) value: T,
}

/// Everything that was read.
#[derive(Default)]
pub(crate) struct Index {
    pub(crate) files: Vec<File>,
    pub(crate) functions: Vec<Function>,
    /// The fields of structs, by the name of the struct.
    pub(crate) fields: HashMap<String, Vec<Definition<Fields>>>,
    /// `type Name = Type;`, by name.
    pub(crate) aliases: HashMap<String, Vec<Definition<String>>>,
    /// The imports of each file.
    pub(crate) imports: Vec<Imports>,
    /// The file of each module, by package and path.
    pub(crate) modules: HashMap<(usize, Vec<String>), usize>,
    /// The names of packages' libraries.
    pub(crate) crate_names: Vec<String>,
    /// The libraries that each package renames: the name in the package, and the library's own name.
    pub(crate) renamed: Vec<HashMap<String, String>>,
}

impl Index {
    /// Returns the definition that a name refers to in a function: the nearest one, if there is only one.
    pub(crate) fn nearest<'a, T: PartialEq>(
        definitions: &'a [Definition<T>],
        from: &Function,
    ) -> Option<&'a T> {
        let in_module = |definition: &&Definition<T>| {
            definition.file == from.file && from.module.starts_with(&definition.module)
        };
        let in_file = |definition: &&Definition<T>| definition.file == from.file;
        let in_package = |definition: &&Definition<T>| definition.package == from.package;
        let inner = definitions.iter().filter(in_module);
        let found = inner
            .max_by_key(|definition| definition.module.len())
            .into_iter()
            .chain(only(definitions.iter().filter(in_file)))
            .chain(only(definitions.iter().filter(in_package)))
            .chain(only(definitions.iter()));
        found.map(|definition| &definition.value).next()
    }
}

/// Returns the first of some definitions, if they are all equal.
fn only<'a, T: PartialEq + 'a>(
    mut definitions: impl Iterator<Item = &'a Definition<T>>,
) -> Option<&'a Definition<T>> {
    let first = definitions.next()?;
    definitions
        .all(|next| next.value == first.value)
        .then_some(first)
}
