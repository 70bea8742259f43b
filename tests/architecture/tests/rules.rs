//! Which paths are imports, and which imports are violations.

use propagate_context_architecture::{Module, Plan, Report, judge};

const PLAN: Plan = Plan {
    folder: "",
    wings: &[&["ground"], &["middle"], &["lib"]],
    descent: &["middle/walk.rs", "middle/marks.rs"],
};

fn report(files: &[(&str, &str)]) -> Report {
    let modules: Vec<Module> = files
        .iter()
        .map(|(file, text)| Module::new(file, text).unwrap())
        .collect();
    judge(&modules, &PLAN)
}

/// Returns the imports from a wing above, as `from -> to`.
fn upward(files: &[(&str, &str)]) -> Vec<String> {
    report(files)
        .upward
        .iter()
        .map(|import| format!("{} -> {}", import.from, import.to))
        .collect()
}

const ABOVE: (&str, &str) = ("middle/above.rs", "pub struct Above; pub fn above() {}");

#[test]
fn an_import_from_a_wing_above_is_found_in_every_spelling() {
    for text in [
        "use crate::middle::above::Above;",
        "use super::middle::above::Above;",
        "use crate::middle::{above::{self, Above as Over}};",
        "use crate::{middle::above::*, other};",
        "fn f() { crate::middle::above::above(); }",
        "fn f(x: impl Into<crate::middle::above::Above>) {}",
        "pin_project! { struct X { above: crate::middle::above::Above } }",
        "macro_rules! m { () => { $crate::middle::above::above() } }",
        "mod inner { use super::super::middle::above::Above; }",
        "#[cfg(feature = \"any\")] use crate::middle::above::Above;",
    ] {
        let found = upward(&[("ground.rs", text), ABOVE]);
        assert_eq!(found, ["ground.rs -> middle/above.rs"], "{text}");
    }
}

#[test]
fn a_re_export_leads_to_the_file_that_defines_the_item() {
    let files = |text| {
        [
            ("lib.rs", "pub use self::middle::Above;"),
            (
                "middle/mod.rs",
                "pub use self::above::Above; pub use self::below::*;",
            ),
            ("middle/below.rs", "pub enum Below {}"),
            ("ground.rs", text),
            ABOVE,
        ]
    };
    assert_eq!(
        upward(&files("use crate::Above;")),
        ["ground.rs -> middle/above.rs"]
    );
    assert_eq!(
        upward(&files("use crate::middle::Below;")),
        ["ground.rs -> middle/below.rs"]
    );
}

#[test]
fn an_impl_in_another_file_than_its_type_belongs_to_that_file() {
    let ground = "pub struct Ground; impl Ground { pub fn here(&self) {} }";
    let above = "use crate::ground::Ground; impl Ground { pub fn reach(&self) {} }";
    assert!(report(&[("ground.rs", ground), ("middle/above.rs", above)]).is_clean());
    let calls = "pub struct Ground; fn f(ground: &Ground) { ground.reach(); }";
    let found = upward(&[("ground.rs", calls), ("middle/above.rs", above)]);
    assert_eq!(found, ["ground.rs -> middle/above.rs"]);
}

#[test]
fn tests_comments_and_visibilities_are_not_imports() {
    for text in [
        "#[cfg(test)] mod tests { use crate::middle::above::Above; }",
        "#[cfg(test)] #[derive(Debug)] struct X(crate::middle::above::Above);",
        "#[cfg(test)] use crate::middle::above::Above; pub fn f() {}",
        "/// See [`Above`](crate::middle::above::Above).\nfn f() {} // crate::middle::above::Above",
        "pub(in crate::middle::above) fn f() {}",
        "fn f() { \"crate::middle::above::Above\"; }",
        "use std::middle::above::Above; use other::crate_::middle;",
    ] {
        assert!(report(&[("ground.rs", text), ABOVE]).is_clean(), "{text}");
    }
    let after = "#[cfg(test)] mod tests {} use crate::middle::above::Above;";
    assert_eq!(upward(&[("ground.rs", after), ABOVE]).len(), 1);
}

#[test]
fn a_cycle_within_a_wing_is_found_with_its_imports() {
    let report = report(&[
        ("middle/a.rs", "use super::b::B; pub struct A;"),
        ("middle/b.rs", "use super::c::C; pub struct B;"),
        ("middle/c.rs", "use super::a::A; pub struct C;"),
        ("middle/d.rs", "use super::a::A;"),
    ]);
    let circle: Vec<String> = report
        .circles
        .concat()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        circle,
        [
            "middle/a.rs -> middle/b.rs: crate::middle::b::B",
            "middle/b.rs -> middle/c.rs: crate::middle::c::C",
            "middle/c.rs -> middle/a.rs: crate::middle::a::A",
        ]
    );
}

#[test]
fn only_the_files_of_the_descent_may_import_each_other_in_a_cycle() {
    let walk = ("middle/walk.rs", "use super::marks::Mark; pub struct Walk;");
    let marks = (
        "middle/marks.rs",
        "use super::walk::Walk; use super::other::Other; pub struct Mark;",
    );
    assert!(report(&[walk, marks, ("middle/other.rs", "pub struct Other;")]).is_clean());
    let other = (
        "middle/other.rs",
        "use super::marks::Mark; pub struct Other;",
    );
    assert_eq!(report(&[walk, marks, other]).circles.len(), 1);
}

#[test]
fn a_file_without_a_wing_is_named() {
    assert_eq!(report(&[("attic/old.rs", "")]).unplanned, ["attic/old.rs"]);
}
