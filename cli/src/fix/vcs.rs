//! Decides whether the sources may be changed, by the rules of `cargo fix`.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::args::Options;

/// Returns an error if the user could not restore the files.
pub(super) fn check(options: &Options, root: &Path) -> Result<()> {
    if options.allow_no_vcs {
        return Ok(());
    }
    let output = Command::new("git")
        .args(["status", "--porcelain"])
        .current_dir(root)
        .output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        bail!(
            "no repository found for this package, and `--fix` changes files; \
             if you'd like to suppress this error pass `--allow-no-vcs`"
        );
    };
    let status = String::from_utf8_lossy(&output.stdout);
    let mut refused = Vec::new();
    for line in status.lines() {
        let Some((staged, changed, name)) = entry(line) else {
            continue;
        };
        let is_refused = (changed != ' ' && !options.allow_dirty)
            || (staged != ' ' && !options.allow_staged && !options.allow_dirty);
        if is_refused {
            refused.push(format!(
                "  * {name} ({})",
                if changed == ' ' { "staged" } else { "dirty" }
            ));
        }
    }
    if !refused.is_empty() {
        bail!(
            "the working directory of this package has uncommitted changes, and `--fix` changes files; \
             if you'd like to suppress this error pass `--allow-dirty`, `--allow-staged`, or commit the changes to these files:\n\n{}",
            refused.join("\n")
        );
    }
    Ok(())
}

fn entry(line: &str) -> Option<(char, char, &str)> {
    let mut chars = line.chars();
    let staged = chars.next()?;
    let changed = chars.next()?;
    Some((staged, changed, chars.as_str().trim_start()))
}
