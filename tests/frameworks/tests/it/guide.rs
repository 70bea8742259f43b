//! The guide contains the code that is tested here.

#[test]
fn the_guide_has_the_hoop_that_is_tested() {
    let guide = include_str!("../../../../runtime/src/guide/frameworks.md");
    let hoop = include_str!("../../src/salvo.rs");
    assert!(
        guide.contains(hoop),
        "the guide does not have the text of `src/salvo.rs`"
    );
}
