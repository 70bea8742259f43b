//! `cargo propagate-context`: finds the spawns that lose the context of a request, and adds the attributes.

mod args;
mod catalogue;
mod config;
mod findings;
mod fix;
mod graph;
mod index;
mod modules;
mod precise;
mod report;
mod source;
mod workspace;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::args::Options;
use crate::findings::{Class, Judge};
use crate::fix::Planner;
use crate::graph::Graph;
use crate::report::Report;
use crate::workspace::Workspace;

/// The exit code if there are findings and `--check` was given.
const FINDINGS: u8 = 1;
/// The exit code for errors.
const ERROR: u8 = 2;

fn main() -> ExitCode {
    // Cargo passes the name of the subcommand as the first argument.
    let mut args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "propagate-context") {
        args.remove(1);
    }
    match run(&Options::parse_from(args)) {
        Ok(code) => code,
        // The reader has closed the pipe, as `head` does.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(ERROR)
        }
    }
}

fn run(options: &Options) -> Result<ExitCode> {
    let mut out = anstream::stdout().lock();
    if options.print_clippy_toml {
        write!(out, "{}", catalogue::clippy_toml())?;
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = Workspace::load(&options.selection)?;
    let (mut index, unread) = workspace.read();
    let resolved = if options.precise {
        let resolved = precise::resolve(&options.selection, &workspace, &index)?;
        Some(precise::join(&mut index, &resolved))
    } else {
        None
    };
    let graph = Graph::new(&index);
    let reach = graph.reach(|function| {
        let entries = &workspace.configs[function.package].entries;
        entries.iter().any(|entry| function.is_named(entry))
    });
    let judge = Judge {
        index: &index,
        graph: &graph,
        reach: &reach,
        configs: &workspace.configs,
        members: workspace.members,
        selected: &workspace.selected,
        resolved: resolved.as_ref(),
    };
    let mut findings = judge.findings();
    let planner = Planner::new(&judge, &workspace, &findings);
    if options.fix {
        let is_complete = fix::run(options, &workspace, &index, &planner)?;
        return Ok(if is_complete {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(FINDINGS)
        });
    }
    let sites = index
        .functions
        .iter()
        .filter(|function| judge.is_judged(function))
        .map(|function| judge.sites(function).count())
        .sum();
    if !options.all {
        findings.retain(|finding| finding.class != Class::Unreached);
    }
    let report = Report {
        index: &index,
        findings: &findings,
        planner: &planner,
        sites,
        unread: &unread,
    };
    report.write(options.format, &mut out)?;
    let is_clean = findings
        .iter()
        .all(|finding| finding.class == Class::Unreached);
    Ok(if options.check && !is_clean {
        ExitCode::from(FINDINGS)
    } else {
        ExitCode::SUCCESS
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<std::io::Error>());
    let json = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<serde_json::Error>());
    let kind = io
        .map(std::io::Error::kind)
        .or(json.and_then(serde_json::Error::io_error_kind));
    kind == Some(std::io::ErrorKind::BrokenPipe)
}

/// Returns the cargo that runs this program.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
