//! Without default features, the crate has only three small dependencies: no syn, no tokio, no framework.

use std::process::Command;

#[test]
fn only_the_core_without_default_features() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            "propagate-context",
            "--no-default-features",
        ])
        .args([
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{lib}",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: Vec<_> = tree.lines().collect();
    assert_eq!(
        crates,
        [
            "propagate_context",
            "futures_core",
            "pin_project_lite",
            "triomphe"
        ]
    );
}
