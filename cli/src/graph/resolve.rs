//! Finds the definitions that a call may refer to.

use super::Graph;
use crate::index::{Call, Callee, Function, Site};
use crate::source::contains;

/// The maximum number of imports that a path is followed through.
const MAX_IMPORTS: usize = 8;

/// The maximum number of definitions that a call may refer to.
const CANDIDATES: usize = 2;

impl Graph<'_> {
    /// Whether the callee of a site is a function of the user, which is examined separately.
    pub(crate) fn is_own(&self, site: &Site, function: &Function) -> bool {
        if site.is_configured {
            return false;
        }
        let call = function
            .body
            .calls
            .iter()
            .find(|call| contains(&call.at, &site.name_at));
        match call.map(|call| (call, &call.callee)) {
            Some((call, Callee::Path(_))) => !self.meant(call, function).is_empty(),
            Some((call, Callee::Method(receiver, _))) => {
                self.type_of(receiver, function).is_some() && !self.meant(call, function).is_empty()
            }
            Some((_, Callee::Macro(_))) => false,
            None => !site.is_method && !self.resolve(&site.segments, function).is_empty(),
        }
    }

    /// Returns the definitions that a call may refer to.
    pub(super) fn meant(&self, call: &Call, caller: &Function) -> Vec<usize> {
        let fits = |function: &Function| {
            let extra = usize::from(function.has_self && matches!(call.callee, Callee::Path(_)));
            call.arity
                .is_none_or(|arity| arity == function.arity + extra)
        };
        let is_spawn = |site: &Site| site.is_configured && contains(&call.at, &site.name_at);
        if caller.sites.iter().any(is_spawn) {
            return Vec::new();
        }
        let mut found = match &call.callee {
            Callee::Path(path) => self.resolve_if(path, caller, fits),
            Callee::Method(receiver, name) => self.methods(receiver, name, caller),
            Callee::Macro(name) => self
                .named(name)
                .filter(|number| self.index.functions[*number].is_macro)
                .collect(),
        };
        found.retain(|number| fits(&self.index.functions[*number]));
        if found.len() > CANDIDATES {
            found.clear();
        }
        found
    }

    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = usize> {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// Returns the package and the segments from its root, following the imports of the modules on the way.
    pub(super) fn absolute(&self, path: &[String], from: &Function) -> (usize, Vec<String>) {
        let whole = self.index.imports[from.file].whole(path);
        let (mut package, mut segments) =
            self.as_seen_in(&whole, from.package, &from.module, from.owner.as_ref());
        for _ in 0..MAX_IMPORTS {
            let Some(next) = self.by_import(package, &segments) else {
                break;
            };
            (package, segments) = next;
        }
        (package, segments)
    }

    /// Resolves a path as it is written in a module.
    fn as_seen_in(
        &self,
        path: &[&str],
        package: usize,
        module: &[String],
        owner: Option<&String>,
    ) -> (usize, Vec<String>) {
        let own_segments =
            |path: &[&str]| path.iter().map(|segment| (*segment).to_owned()).collect();
        let Some((first, mut rest)) = path.split_first() else {
            return (package, Vec::new());
        };
        if *first == "crate" {
            return (package, own_segments(rest));
        }
        if let Some(package) = self.package_named(first, package) {
            return (package, own_segments(rest));
        }
        let mut segments = module.to_vec();
        match *first {
            "Self" => segments.extend(owner.cloned()),
            "self" | "super" => {
                let ups = path
                    .iter()
                    .take_while(|segment| matches!(**segment, "self" | "super"));
                let ups = ups.filter(|segment| **segment == "super").count();
                segments.truncate(segments.len().saturating_sub(ups));
                let is_up = |segment: &&str| matches!(*segment, "self" | "super");
                while let Some((_, behind)) = rest.split_first().filter(|(next, _)| is_up(next)) {
                    rest = behind;
                }
            }
            first => segments.push(first.to_owned()),
        }
        segments.extend(own_segments(rest) as Vec<String>);
        (package, segments)
    }

    /// Resolves `crate::service::jobs::run` if the crate has `use our_jobs as service`.
    fn by_import(&self, package: usize, segments: &[String]) -> Option<(usize, Vec<String>)> {
        (0..segments.len()).find_map(|at| {
            let (module, rest) = segments.split_at(at);
            let file = *self.index.modules.get(&(package, module.to_vec()))?;
            let (name, rest) = rest.split_first()?;
            let imported = self.index.imports[file].get_outer(name)?;
            let path: Vec<&str> = imported.iter().chain(rest).map(String::as_str).collect();
            let found = self.as_seen_in(&path, package, module, None);
            (found != (package, segments.to_vec())).then_some(found)
        })
    }

    fn package_named(&self, name: &str, package: usize) -> Option<usize> {
        let renamed = self.index.renamed[package].get(name);
        let name = renamed.map_or(name, String::as_str);
        self.index.crate_names.iter().position(|own| own == name)
    }

    /// Returns the functions that a path refers to in the body of a function.
    pub(crate) fn resolve(&self, path: &[String], from: &Function) -> Vec<usize> {
        self.resolve_if(path, from, |_| true)
    }

    fn resolve_if(
        &self,
        path: &[String],
        from: &Function,
        is_callable: impl Fn(&Function) -> bool,
    ) -> Vec<usize> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        if rest.is_empty() && self.index.imports[from.file].get(first).is_none() {
            return self.resolve_plain(first, from);
        }
        let mut whole = self.index.imports[from.file].whole(path);
        let is_local = matches!(whole[0], "crate" | "self" | "super");
        let package = self.package_named(whole[0], from.package);
        if !is_local && whole[0] != "Self" && !self.roots.contains(whole[0]) && package.is_none() {
            return Vec::new();
        }
        let (of, absolute) = self.absolute(path, from);
        whole.retain(|segment| !matches!(*segment, "crate" | "self" | "super"));
        let Some((name, qualifiers)) = whole.split_last() else {
            return Vec::new();
        };
        let functions = &self.index.functions;
        let candidates: Vec<usize> = self
            .named(name)
            .filter(|number| {
                let function = &functions[*number];
                !function.is_macro && is_callable(function)
            })
            .collect();
        let is_exact = |number: &usize| {
            let function = &functions[*number];
            of == function.package && function.path() == absolute
        };
        let exact: Vec<usize> = candidates.iter().copied().filter(is_exact).collect();
        if !exact.is_empty() {
            return limited(exact);
        }
        let Some(qualifier) = qualifiers.last() else {
            let free = |number: &usize| functions[*number].owner.is_none();
            let near = candidates
                .into_iter()
                .filter(|number| free(number) && functions[*number].package == from.package);
            return limited(near.collect());
        };
        let owner = if *qualifier == "Self" {
            from.owner.as_deref()
        } else {
            Some(*qualifier)
        };
        let fits = |function: &Function| match &function.owner {
            Some(of) => Some(&**of) == owner || function.trait_name.as_deref() == owner,
            None => match function.module.last() {
                Some(module) => {
                    module == qualifier || self.is_reexported(function, qualifiers, from, is_local)
                }
                None => {
                    self.index.crate_names[function.package] == *qualifier
                        || package == Some(function.package)
                }
            },
        };
        let found: Vec<usize> = candidates
            .into_iter()
            .filter(|number| fits(&functions[*number]))
            .collect();
        // A library may re-export functions of another one. Its own functions come first.
        let home = Some(of);
        let own: Vec<usize> = found
            .iter()
            .copied()
            .filter(|number| home == Some(functions[*number].package))
            .collect();
        limited(if own.is_empty() { found } else { own })
    }

    /// Whether a file of `module` re-exports the function with `pub use inner::function`.
    fn is_reexported(
        &self,
        function: &Function,
        qualifiers: &[&str],
        from: &Function,
        is_local: bool,
    ) -> bool {
        let module = qualifiers[qualifiers.len() - 1];
        let is_inside = function.module.iter().any(|segment| segment == module)
            || (qualifiers.len() == 1
                && self.package_named(module, from.package) == Some(function.package));
        let same_package = function.package == from.package || !is_local;
        is_inside && same_package
    }

    fn resolve_plain(&self, name: &str, from: &Function) -> Vec<usize> {
        let functions = &self.index.functions;
        let free = self.named(name).filter(|number| {
            functions[*number].owner.is_none()
                && !functions[*number].is_macro
                && functions[*number].package == from.package
        });
        let free: Vec<usize> = free.collect();
        let near = |number: &&usize| {
            let function = &functions[**number];
            let inside = from.module.len() >= function.module.len()
                && from.module.starts_with(&function.module);
            let nested = function.module.len() == from.module.len() + 1
                && function.module.starts_with(&from.module)
                && function.module.last() == Some(&from.name);
            function.file == from.file && (inside || nested)
        };
        let found: Vec<usize> = free.iter().filter(near).copied().collect();
        if !found.is_empty() {
            return limited(found);
        }
        // An included file is part of the module.
        let same_module = |number: &&usize| functions[**number].module == from.module;
        let found: Vec<usize> = free.iter().filter(same_module).copied().collect();
        if !found.is_empty() {
            return limited(found);
        }
        let globs = &self.index.imports[from.file].globs;
        let is_imported = |number: &usize| {
            globs
                .iter()
                .any(|glob| self.is_in_glob(&functions[*number], glob, from))
        };
        limited(self.named(name).filter(is_imported).collect())
    }

    /// Whether `use glob::*` may import a function, possibly through a `pub use` in that module.
    fn is_in_glob(&self, function: &Function, glob: &[String], from: &Function) -> bool {
        if function.owner.is_some() || function.is_macro {
            return false;
        }
        let (package, module) = self.absolute(glob, from);
        match module.last() {
            Some(last) => package == function.package && function.module.contains(last),
            None => package == function.package,
        }
    }
}

/// Returns the definitions if there are few enough of them.
pub(super) fn limited(found: Vec<usize>) -> Vec<usize> {
    if found.len() > CANDIDATES {
        Vec::new()
    } else {
        found
    }
}
