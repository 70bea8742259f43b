//! A request id on every log line of concurrent HTTP requests, regardless of where the code runs.
//!
//! ```console
//! $ cargo run --example quickstart
//! $ cargo run --example quickstart -- --help
//! ```
//!
//! The program starts a server on a free port and sends it eight concurrent requests. It shows the log lines of the
//! first request, how many lines have the id of their request, and how the same program behaves without the attributes.
//! The two programs are `with.rs` and `without.rs`.

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
Sends eight concurrent requests to a server on a free port, and shows which log lines have the id of their request.

Usage: cargo run --example quickstart -- [OPTIONS]

Options:
      --without  Run only the program without the attributes
      --all      Print every line, in the order in which they were logged
  -h, --help     Print this help

Environment:
  LOG_FORMAT=text|json  Format of the log lines [default: text]
  NO_COLOR              Print plain text even on a terminal

Exits with 0 if every line has the id of its request, with 1 if a line does not, and with 2 on an error.
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

/// Installs the subscriber. The call of `map_event_format` adds the context to log lines.
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

/// Sends all orders concurrently, and runs the server until it has handled them.
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
