//! Finds the methods that a call may refer to: by the type of the receiver if the code spells it out, otherwise
//! by name.

use super::Graph;
use super::resolve::limited;
use crate::index::{Function, Index, Receiver};

impl Graph<'_> {
    pub(super) fn methods(&self, receiver: &Receiver, name: &str, caller: &Function) -> Vec<usize> {
        let methods = self
            .named(name)
            .filter(|number| self.index.functions[*number].has_self);
        match self.type_of(receiver, caller) {
            Some(of) => {
                let found = methods.filter(|number| is_of(&self.index.functions[*number], &of));
                self.nearest(found.collect(), &of, caller)
            }
            None if is_telling(name) => limited(methods.collect()),
            None => Vec::new(),
        }
    }

    /// Selects among several types of one name: the one that the caller's file imports or defines, otherwise
    /// the one in its package.
    fn nearest(&self, found: Vec<usize>, of: &str, caller: &Function) -> Vec<usize> {
        let is_owned = |number: &usize| self.index.functions[*number].owner.as_deref() == Some(of);
        if found.len() < 2 || !found.iter().all(is_owned) {
            return found;
        }
        let path = [of.to_owned()];
        let imported = self.index.imports[caller.file]
            .get(of)
            .map(|_| self.absolute(&path, caller));
        let is_imported = |function: &Function| {
            imported.as_ref().is_some_and(|(package, path)| {
                path.split_last().is_some_and(|(_, module)| {
                    function.module == module && *package == function.package
                })
            })
        };
        let ranks: [&dyn Fn(&Function) -> bool; 4] = [
            &is_imported,
            &|function| function.file == caller.file && caller.module.starts_with(&function.module),
            &|function| function.file == caller.file,
            &|function| function.package == caller.package,
        ];
        for rank in ranks {
            let near = found
                .iter()
                .copied()
                .filter(|number| rank(&self.index.functions[*number]));
            let near: Vec<usize> = near.collect();
            if !near.is_empty() {
                return near;
            }
        }
        found
    }

    pub(super) fn type_of(&self, receiver: &Receiver, caller: &Function) -> Option<String> {
        let of = self.written_type_of(receiver, caller)?;
        // `type Name = Arc<Type>;`
        let alias = self.index.aliases.get(&of);
        match alias.and_then(|definitions| Index::nearest(definitions, caller)) {
            Some(aliased) if *aliased != of => Some(aliased.clone()),
            _ => Some(of),
        }
    }

    fn written_type_of(&self, receiver: &Receiver, caller: &Function) -> Option<String> {
        match receiver {
            Receiver::Named(name) => Some(name.clone()),
            Receiver::Field(base, field) => {
                let base = self.type_of(base, caller)?;
                let fields = Index::nearest(self.index.fields.get(&base)?, caller)?;
                fields
                    .iter()
                    .find(|(name, _)| name == field)
                    .map(|(_, of)| of.clone())
            }
            Receiver::Returned(base, method) => {
                let of = self.type_of(base, caller)?;
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
}

/// Whether a method belongs to a type or trait with this name.
fn is_of(function: &Function, of: &str) -> bool {
    function.has_self
        && (function.owner.as_deref() == Some(of) || function.trait_name.as_deref() == Some(of))
}

/// Whether the name of a method is specific enough to identify it: `place_order` is, `execute` and
/// `read_to_string` are not.
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
