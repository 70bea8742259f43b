//! A request id on every log line of concurrent HTTP requests, wherever the code runs that logs it.
//!
//! ```console
//! $ cargo run --example quickstart
//! $ cargo run --example quickstart -- --help
//! ```
//!
//! It starts a server on a free port, sends it eight requests at once over sockets, and shows the log lines of the first
//! one, how many lines have the id of their request, and what the same program logs without the attributes: `with.rs`
//! and `without.rs` are the two programs.

mod with;
mod without;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use axum::Router;
use axum::routing::post;
use futures::future::try_join_all;
use propagate_context_examples::{Format, Lines, Order, Outcome, Paint, report, send};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const HELP: &str = "\
Sends eight requests at once to a server on a free port, and shows which log lines have the id of their request.

Usage: cargo run --example quickstart -- [OPTIONS]

Options:
      --without  Run the program without the attributes alone
      --all      Print every line, in the order in which they were logged
  -h, --help     Print this help

Environment:
  LOG_FORMAT=text|json  Format of the log lines [default: text]
  NO_COLOR              Print plain text, as into a pipe

Exits with 0 if every line has the id of its request, with 1 if a line does not, and with 2 after an error.
";

type BoxError = Box<dyn Error + Send + Sync>;

#[derive(Clone, Copy, Default)]
struct Args {
    without: bool,
    all: bool,
    help: bool,
}

impl Args {
    fn from_env() -> Result<Self, BoxError> {
        let mut args = Self::default();
        for arg in std::env::args().skip(1) {
            match arg.as_str() {
                "--without" => args.without = true,
                "--all" => args.all = true,
                "-h" | "--help" => args.help = true,
                _ => return Err(format!("unknown argument `{arg}`; see `--help`").into()),
            }
        }
        Ok(args)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether every line has the id of its request.
async fn run() -> Result<bool, BoxError> {
    let args = Args::from_env()?;
    if args.help {
        report::print(HELP);
        return Ok(true);
    }
    let format = Format::from_env()?;
    let lines = Lines::default();
    log_to(lines.clone(), format);

    let paint = Paint::for_stdout();
    let run = async |place| {
        let app = Router::new().route("/orders/{order}", place);
        serve(app, &lines, format).await
    };
    let outcome = if args.without {
        run(post(without::place)).await?
    } else {
        run(post(with::place)).await?
    };
    if args.all {
        report::print(&report::all_lines(&outcome, paint));
    } else {
        report::print(&report::first_request(&outcome, paint));
    }
    report::print(&report::summary(&outcome, paint));
    if !args.without && !args.all {
        let other = run(post(without::place)).await?;
        report::print(&report::side_by_side(&outcome, &other, paint));
    }
    Ok(outcome.is_right())
}

/// Installs the subscriber; `map_event_format` is the one line that adds the context to log lines.
fn log_to(lines: Lines, format: Format) {
    let log = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_writer(move || lines.clone());
    match format {
        Format::Text => log
            .map_event_format(propagate_context::tracing::with_context)
            .init(),
        Format::Json => log
            .json()
            .flatten_event(true)
            .map_event_format(propagate_context::tracing::with_context)
            .init(),
    }
}

/// Runs the server until it has handled all orders, which are sent at once.
async fn serve(app: Router, lines: &Lines, format: Format) -> Result<Outcome, BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address: SocketAddr = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        _ = stopped.await;
    });
    let server = tokio::spawn(server.into_future());

    let sent = [
        Some("basket-1"),
        None,
        Some("basket-3"),
        Some("no id: spaces"),
        None,
        Some("basket-6"),
        None,
        Some("basket-8"),
    ];
    let orders = (1..).zip(sent).map(|(number, sent)| Order { number, sent });
    let responses = try_join_all(orders.map(|order| send(address, order))).await?;

    drop(stop);
    server.await??;
    Ok(Outcome::new(responses, lines.take(format)))
}
