//! Runs the tests with one mutant after the other, those first that are about its file.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use wait_timeout::ChildExt as _;

use crate::Failure;
use crate::list::Mutant;
use crate::tree::Programs;

/// A program, and the filters that it gets.
type Test = (&'static str, &'static [&'static str]);

/// Which programs are run for files whose path has this in it, with which filters; all of `it` is run after them.
const TESTS: &[(&str, &[Test])] = &[
    ("src/context/ambient", &[("ambient", &[])]),
    ("src/context/", ENGINE),
    ("src/var/", ENGINE),
    ("src/util/", ENGINE),
    (
        "src/propagation/",
        &[
            UNIT,
            (
                "it",
                &[
                    "baggage::",
                    "traceparent::",
                    "messages",
                    "first_place",
                    "http_client",
                    "http_inbound",
                ],
            ),
        ],
    ),
    (
        "src/request_id",
        &[UNIT, ("it", &["request_id", "http_inbound", "messages"])],
    ),
    (
        "src/entry/",
        &[
            UNIT,
            (
                "it",
                &[
                    "entry_",
                    "first_place",
                    "untrusted",
                    "request_id",
                    "http_inbound",
                    "http_scope",
                ],
            ),
        ],
    ),
    (
        "src/messaging/",
        &[UNIT, ("it", &["messages", "batches", "entry_messages"])],
    ),
    (
        "src/logging/",
        &[
            UNIT,
            ("it", &["log_", "r9_"]),
            ("log_display_harmless", &[]),
            ("panic_hook", &[]),
            ("panic_hook_log", &[]),
        ],
    ),
    (
        "src/http/",
        &[("it", &["http_", "actix", "poem", "untrusted", "grpc"])],
    ),
];

const UNIT: Test = ("propagate_context", &[]);
const ENGINE: &[Test] = &[
    UNIT,
    (
        "it",
        &[
            "r1_",
            "r2_",
            "r3_",
            "r4_",
            "r5_",
            "r6_",
            "vacant",
            "drops_belong",
            "nested_reads",
        ],
    ),
    ("model", &[]),
    ("ambient", &[]),
    ("matrix", &[]),
];

/// Whatever takes longer hangs: a loop whose end is gone.
const LONGEST: Duration = Duration::from_secs(120);

/// The program that fails with the mutant, if one does.
pub(crate) fn judge<'p>(
    number: usize,
    mutant: &Mutant,
    programs: &'p Programs,
    folder: &Path,
) -> Result<Option<&'p str>, Failure> {
    let about = TESTS.iter().find(|(part, _)| mutant.file.contains(part));
    let about = about.map_or(&[][..], |(_, tests)| tests);
    for (name, filters) in about.iter().chain(&[("it", &[][..])]) {
        let Some((name, program)) = programs.get_key_value(*name) else {
            return Err(format!("no program `{name}`").into());
        };
        let child = Command::new(program)
            .args(*filters)
            .current_dir(folder)
            .env("MUTANT", number.to_string())
            .env("MODEL_PROGRAMS", "3000")
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if !passes(child)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn passes(mut child: Child) -> Result<bool, Failure> {
    if let Some(status) = child.wait_timeout(LONGEST)? {
        return Ok(status.success());
    }
    child.kill()?;
    child.wait()?;
    Ok(false)
}
