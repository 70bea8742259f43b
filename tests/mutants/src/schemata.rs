//! Writes mutants into a file. Each mutant is selected by a check at run time.

use std::collections::HashMap;

use proc_macro2::{LineColumn, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Attribute, BinOp, Block, Expr, ExprBinary, ExprConst, ExprRepeat, File, ImplItemConst,
    ImplItemFn, ItemConst, ItemFn, ItemMod, ItemStatic, Pat, Stmt, TraitItemFn, Type, parse_quote,
};

use crate::list::{Genre, Mutant, Numbers, Place};

/// The module that is added to the crate. `is` checks whether a mutant is active.
///
/// `MUTANT` is the number of the active mutant. If `MUTANT_REACH` names a file, no mutant is active, and the number of
/// each mutant that is reached is appended to the file, once per process.
pub(crate) const QUESTION: &str = r#"
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static NUMBER: AtomicUsize = AtomicUsize::new(UNKNOWN);
const UNKNOWN: usize = usize::MAX;
const NONE: usize = usize::MAX - 1;
const REACH: usize = usize::MAX - 2;

static ASKED: [AtomicBool; 16384] = [const { AtomicBool::new(false) }; 16384];

#[inline(never)]
pub fn is(number: usize) -> bool {
    let mut active = NUMBER.load(Ordering::Relaxed);
    if active == UNKNOWN {
        active = if std::env::var_os("MUTANT_REACH").is_some() {
            REACH
        } else {
            std::env::var("MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(NONE)
        };
        NUMBER.store(active, Ordering::Relaxed);
    }
    if active == REACH && !ASKED[number].swap(true, Ordering::Relaxed) {
        reached(number);
    }
    active == number
}

#[cold]
fn reached(number: usize) {
    let Some(file) = std::env::var_os("MUTANT_REACH") else { return };
    let file = OpenOptions::new().create(true).append(true).open(file);
    // One write per line: tests have children that append to the same file.
    _ = file.and_then(|mut file| file.write_all(format!("{number}\n").as_bytes()));
}
"#;

/// Returns the source of `file` with `mutants` inserted, except those in `left_out` and those in code that is evaluated
/// at compile time. Adds the numbers of the inserted mutants to `placed`.
pub(crate) fn write<'m>(
    mut file: File,
    mutants: impl Iterator<Item = (usize, &'m Mutant)>,
    left_out: &Numbers,
    placed: &mut Numbers,
) -> String {
    let mut writer = Writer {
        at: HashMap::new(),
        placed,
        in_const: false,
    };
    for (number, mutant) in mutants.filter(|(number, _)| !left_out.contains(number)) {
        let place = match (mutant.genre, &mutant.function) {
            (Genre::FnValue, Some(function)) => function.span.end,
            (Genre::FnValue, None) | (Genre::Other, _) => continue,
            _ => mutant.span.start,
        };
        let here = writer.at.entry(place).or_default();
        here.push((number, mutant.genre, mutant.replacement.clone()));
    }
    writer.visit_file_mut(&mut file);
    prettyplease::unparse(&file)
}

struct Writer<'p> {
    at: HashMap<Place, Vec<(usize, Genre, String)>>,
    placed: &'p mut Numbers,
    in_const: bool,
}

fn place(at: LineColumn) -> Place {
    Place {
        line: at.line,
        column: at.column + 1,
    }
}

/// Whether the expression contains `let`: such a condition cannot be nested in another expression.
fn has_let(expression: &Expr) -> bool {
    let tokens = expression.to_token_stream().into_iter();
    tokens
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == "let"))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.to_token_stream().to_string().replace(' ', "") == "#[cfg(test)]"
    })
}

impl Writer<'_> {
    /// Removes the mutants of one genre at a place, and returns the number and the replacement of each.
    fn take(&mut self, at: LineColumn, genre: Genre) -> Vec<(usize, TokenStream)> {
        if self.in_const {
            return Vec::new();
        }
        let mutants = self.at.get(&place(at)).into_iter().flatten();
        let parsed = mutants.filter(|(_, other, _)| *other == genre);
        let parsed = parsed.filter_map(|(number, _, text)| Some((*number, text.parse().ok()?)));
        let parsed: Vec<(usize, TokenStream)> = parsed.collect();
        self.placed.extend(parsed.iter().map(|(number, _)| *number));
        parsed
    }

    fn body(&mut self, block: &mut Block) {
        let end = block.brace_token.span.close().end();
        let returns = self.take(end, Genre::FnValue).into_iter();
        let returns = returns.map(|(number, value)| -> Stmt {
            parse_quote! { if crate::mutants::is(#number) { return #value; } }
        });
        block.stmts.splice(0..0, returns);
    }

    fn function(&mut self, is_const: bool, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.in_const, is_const);
        visit(self);
        self.in_const = outer;
    }

    fn binary(&mut self, binary: &ExprBinary) -> Option<Expr> {
        let ExprBinary {
            left, op, right, ..
        } = binary;
        let mutants = self.take(op.span().start(), Genre::BinaryOperator);
        if mutants.is_empty() {
            return None;
        }
        let is_assignment = op.to_token_stream().to_string().ends_with('=')
            && !matches!(
                op,
                BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Le(_) | BinOp::Ge(_)
            );
        let end = is_assignment.then(|| quote!(;));
        let mut chosen = quote! { { #left #op #right #end } };
        for (number, op) in mutants {
            chosen = quote! { { if crate::mutants::is(#number) { #left #op #right #end } else #chosen } };
        }
        Some(parse_quote! { (#chosen) })
    }
}

impl VisitMut for Writer<'_> {
    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        self.function(item.sig.constness.is_some(), |this| {
            visit_mut::visit_item_fn_mut(this, item);
            this.body(&mut item.block);
        });
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        self.function(item.sig.constness.is_some(), |this| {
            visit_mut::visit_impl_item_fn_mut(this, item);
            this.body(&mut item.block);
        });
    }

    fn visit_trait_item_fn_mut(&mut self, item: &mut TraitItemFn) {
        visit_mut::visit_trait_item_fn_mut(self, item);
        if let Some(block) = &mut item.default {
            self.body(block);
        }
    }

    fn visit_item_mod_mut(&mut self, item: &mut ItemMod) {
        if !is_test(&item.attrs) {
            visit_mut::visit_item_mod_mut(self, item);
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        let start = arm.pat.span().start();
        let guard = arm.guard.as_ref().map(|(_, guard)| guard.span().start());
        visit_mut::visit_arm_mut(self, arm);
        if let (Some(at), Some((_, guard))) = (guard, &mut arm.guard) {
            for (number, value) in self.take(at, Genre::MatchArmGuard) {
                *guard =
                    parse_quote! { (if crate::mutants::is(#number) { #value } else { #guard }) };
            }
        }
        for (number, _) in self.take(start, Genre::MatchArm) {
            let guard = match arm.guard.take() {
                Some((_, guard)) => parse_quote! { !crate::mutants::is(#number) && (#guard) },
                None => parse_quote! { !crate::mutants::is(#number) },
            };
            arm.guard = Some((Default::default(), guard));
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let chosen = match expression {
            Expr::Binary(binary) if !has_let(&binary.left) && !has_let(&binary.right) => {
                self.binary(binary)
            }
            Expr::Unary(unary) => {
                let (op, operand) = (&unary.op, &unary.expr);
                let mutants = self.take(op.span().start(), Genre::UnaryOperator);
                mutants.first().map(|(number, _)| -> Expr {
                    parse_quote! { (if crate::mutants::is(#number) { #operand } else { #op #operand }) }
                })
            }
            _ => None,
        };
        if let Some(chosen) = chosen {
            *expression = chosen;
        }
    }

    // Not visited: code that is evaluated at compile time, or that has no expressions to run.

    fn visit_item_const_mut(&mut self, _: &mut ItemConst) {}

    fn visit_item_static_mut(&mut self, _: &mut ItemStatic) {}

    fn visit_impl_item_const_mut(&mut self, _: &mut ImplItemConst) {}

    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}

    fn visit_expr_repeat_mut(&mut self, repeat: &mut ExprRepeat) {
        self.visit_expr_mut(&mut repeat.expr);
    }

    fn visit_type_mut(&mut self, _: &mut Type) {}

    fn visit_pat_mut(&mut self, _: &mut Pat) {}
}
