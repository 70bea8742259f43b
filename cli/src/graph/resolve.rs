//! Which definitions a call may mean.

use super::Graph;
use crate::index::{Call, Callee, Function, Receiver, Site};
use crate::source::contains;

/// How many definitions of one name may be meant by a call.
const CANDIDATES: usize = 2;

impl Graph<'_> {
    /// Whether a call spawns by a function of the user's, which is looked at by itself.
    pub(crate) fn is_own(&self, site: &Site, function: &Function) -> bool {
        let call = function
            .body
            .calls
            .iter()
            .find(|call| contains(&call.at, &site.name_at));
        match call.map(|call| (call, &call.callee)) {
            Some((call, Callee::Path(_))) => !self.meant(call, function).is_empty(),
            Some((call, Callee::Method(receiver, _))) => {
                self.type_of(receiver).is_some() && !self.meant(call, function).is_empty()
            }
            Some((_, Callee::Macro(_))) => false,
            None => !site.is_method && !self.resolve(&site.segments, function).is_empty(),
        }
    }

    /// The definitions that a call may mean.
    pub(super) fn meant(&self, call: &Call, caller: &Function) -> Vec<usize> {
        let fits = |number: &usize| {
            let function = &self.index.functions[*number];
            let extra = usize::from(function.has_self && matches!(call.callee, Callee::Path(_)));
            call.arity
                .is_none_or(|arity| arity == function.arity + extra)
        };
        let mut found = match &call.callee {
            Callee::Path(path) => self.resolve(path, caller),
            Callee::Method(receiver, name) => self.methods(receiver, name),
            Callee::Macro(name) => self
                .named(name)
                .filter(|number| self.index.functions[*number].is_macro)
                .collect(),
        };
        found.retain(fits);
        if found.len() > CANDIDATES {
            found.clear();
        }
        found
    }

    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = usize> {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    fn methods(&self, receiver: &Receiver, name: &str) -> Vec<usize> {
        let methods = self
            .named(name)
            .filter(|number| self.index.functions[*number].has_self);
        match self.type_of(receiver) {
            Some(of) => methods
                .filter(|number| is_of(&self.index.functions[*number], &of))
                .collect(),
            None if is_telling(name) => {
                let found: Vec<_> = methods.collect();
                if found.len() > CANDIDATES {
                    Vec::new()
                } else {
                    found
                }
            }
            None => Vec::new(),
        }
    }

    fn type_of(&self, receiver: &Receiver) -> Option<String> {
        match receiver {
            Receiver::Named(name) => Some(name.clone()),
            Receiver::Field(base, field) => {
                let base = self.type_of(base)?;
                let fields = self.index.fields.get(&base)?;
                fields
                    .iter()
                    .find(|(name, _)| name == field)
                    .map(|(_, of)| of.clone())
            }
            Receiver::Returned(base, method) => {
                let of = self.type_of(base)?;
                let methods = self
                    .named(method)
                    .map(|number| &self.index.functions[number]);
                let mut returned = methods
                    .filter(|function| is_of(function, &of))
                    .map(|function| &function.returns);
                let first = returned.next()?;
                returned.all(|next| next == first).then(|| first.clone())?
            }
            Receiver::Unknown => None,
        }
    }

    /// The functions that a path means, as seen from a function.
    pub(crate) fn resolve(&self, path: &[String], from: &Function) -> Vec<usize> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        let functions = &self.index.functions;
        let imported = self.index.imports[from.file].get(first);
        if rest.is_empty() && imported.is_none() {
            return self.resolve_plain(first, from);
        }
        let mut whole: Vec<&str> = match imported {
            Some(imported) => imported.iter().chain(rest).map(String::as_str).collect(),
            None => path.iter().map(String::as_str).collect(),
        };
        let is_local = matches!(whole[0], "crate" | "self" | "super");
        if !is_local && whole[0] != "Self" && !self.roots.contains(whole[0]) {
            return Vec::new();
        }
        whole.retain(|segment| !matches!(*segment, "crate" | "self" | "super"));
        let Some((name, qualifiers)) = whole.split_last() else {
            return Vec::new();
        };
        let candidates = self
            .named(name)
            .filter(|number| !functions[*number].is_macro);
        let Some(qualifier) = qualifiers.last() else {
            let same_package = |number: &usize| {
                functions[*number].owner.is_none() && functions[*number].package == from.package
            };
            return limited(candidates.filter(same_package).collect());
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
                None => self.index.crate_names[function.package] == *qualifier,
            },
        };
        limited(
            candidates
                .filter(|number| fits(&functions[*number]))
                .collect(),
        )
    }

    /// `module::function` where a file of `module` says `pub use inner::function`.
    fn is_reexported(
        &self,
        function: &Function,
        qualifiers: &[&str],
        from: &Function,
        is_local: bool,
    ) -> bool {
        let module = qualifiers[qualifiers.len() - 1];
        let is_inside = function.module.iter().any(|segment| segment == module)
            || (qualifiers.len() == 1 && self.index.crate_names[function.package] == module);
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
        if self.index.globs[from.file] {
            limited(free)
        } else {
            Vec::new()
        }
    }
}

/// Whether a method belongs to a type or a trait of this name.
fn is_of(function: &Function, of: &str) -> bool {
    function.has_self
        && (function.owner.as_deref() == Some(of) || function.trait_name.as_deref() == Some(of))
}

fn limited(found: Vec<usize>) -> Vec<usize> {
    if found.len() > CANDIDATES {
        Vec::new()
    } else {
        found
    }
}

/// Whether the name of a method alone says whose it is: `place_order` does, `execute` and `read_to_string` do not.
fn is_telling(name: &str) -> bool {
    const STANDARD: &[&str] = &[
        "add_service",
        "and_then",
        "as_bytes",
        "as_str",
        "block_on",
        "body_mut",
        "collect_vec",
        "copy_from_slice",
        "fetch_add",
        "fetch_all",
        "fetch_one",
        "fetch_optional",
        "filter_map",
        "find_by_id",
        "flat_map",
        "for_each",
        "from_str",
        "get_mut",
        "get_or_init",
        "get_or_insert_with",
        "headers_mut",
        "in_current_span",
        "insert_many",
        "into_inner",
        "into_iter",
        "into_response",
        "is_empty",
        "is_some",
        "join_all",
        "local_addr",
        "map_err",
        "map_ok",
        "next_back",
        "ok_or",
        "ok_or_else",
        "on_upgrade",
        "or_default",
        "or_else",
        "or_insert",
        "or_insert_with",
        "par_iter",
        "poll_next",
        "poll_ready",
        "push_back",
        "push_str",
        "read_exact",
        "read_line",
        "read_to_end",
        "read_to_string",
        "recv_timeout",
        "run_until",
        "send_all",
        "send_request",
        "send_replace",
        "send_to",
        "serve_connection",
        "set_body",
        "shut_down",
        "spawn_blocking",
        "spawn_local",
        "spawn_on",
        "start_send",
        "sort_by",
        "sort_by_key",
        "to_owned",
        "to_string",
        "to_vec",
        "try_into",
        "try_next",
        "try_recv",
        "try_send",
        "unwrap_or",
        "unwrap_or_default",
        "unwrap_or_else",
        "wait_for",
        "with_capacity",
        "write_all",
        "write_str",
    ];
    name.contains('_') && !STANDARD.contains(&name)
}
