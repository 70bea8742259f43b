//! The same axum server without a library, with ours, and with the usual alternatives, put under load in turn by the same
//! client.
//!
//! Each server is a separate process, since a subscriber is global. They take turns in each round, so that other work on the
//! machine affects all of them. Requests per second would depend on the client as much as on the server: so the processor
//! time of the server per request is compared, as the median of the ratios within a round.

mod client;
mod handwritten;
mod serve;

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use client::Round;
use serve::Kind;

const ROUNDS: usize = 20;

fn main() -> io::Result<()> {
    let argument = std::env::args().nth(1);
    if let Some(kind) = argument.as_deref().and_then(Kind::of_name) {
        return serve::run(kind);
    }
    let mut servers = Kind::ALL
        .map(|kind| Server::start(kind, "server"))
        .into_iter()
        .collect::<io::Result<Vec<_>>>()?;
    // The first round is for warming up.
    for round in 0..=ROUNDS {
        for server in &mut servers {
            let measured = server.load()?;
            if round > 0 {
                server.rounds.push(measured);
            }
        }
    }
    println!(
        "| server | processor time of a request in µs | to nothing | to ours | p99 in µs | allocations per request |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let of_kind = |kind| servers.iter().find(|server| server.kind == kind);
    for server in &servers {
        let ratio = |kind| of_kind(kind).map_or(f64::NAN, |base| server.ratio(base));
        println!(
            "| {} | {:.1} | {:.2} | {:.2} | {:.0} | {:.1} |",
            title(server.kind),
            median(server.rounds.iter().map(|round| round.micros)),
            ratio(Kind::Nothing),
            ratio(Kind::Ours),
            median(server.rounds.iter().map(|round| round.load.p99_micros)),
            allocations(server.kind)?,
        );
    }
    Ok(())
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Nothing => "nothing",
        Kind::Lines => "JSON logs, no id",
        Kind::Ours => "`ContextLayer`, JSON logs",
        Kind::Handwritten => "`task_local!` and formatter by hand, JSON logs",
        Kind::TowerHttp => "tower-http request id, `TraceLayer`, `#[instrument]`, JSON logs",
        Kind::TowerHttpFlat => "the same without the list of spans on each line",
    }
}

/// Of the same server with a counting allocator.
fn allocations(kind: Kind) -> io::Result<f64> {
    let server = Server::start(kind, "server-counted")?;
    server.load()?;
    Ok(server.load()?.load.allocations)
}

struct Server {
    kind: Kind,
    process: Child,
    port: u16,
    rounds: Vec<Measured>,
}

struct Measured {
    load: Round,
    /// Of the processor time of the server per request.
    micros: f64,
}

impl Server {
    fn start(kind: Kind, program: &str) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?.with_file_name(program))
            .arg(kind.name())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut port = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut port)?;
        }
        Ok(Self {
            kind,
            process,
            port: port.trim().parse().map_err(io::Error::other)?,
            rounds: Vec::new(),
        })
    }

    fn load(&self) -> io::Result<Measured> {
        let before = self.processor_micros()?;
        let load = client::load(self.port)?;
        let micros = (self.processor_micros()? - before) / load.requests;
        Ok(Measured { load, micros })
    }

    /// The processor time that all threads of the server have used so far.
    fn processor_micros(&self) -> io::Result<f64> {
        let mut micros = 0.0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let stat = fs::read_to_string(thread?.path().join("schedstat"))?;
            let nanoseconds = stat.split(' ').next().unwrap_or_default();
            micros += nanoseconds.parse::<f64>().map_err(io::Error::other)? / 1e3;
        }
        Ok(micros)
    }

    /// The processor time of a request, as a multiple of that of `base` in the same round.
    fn ratio(&self, base: &Self) -> f64 {
        let rounds = self.rounds.iter().zip(&base.rounds);
        median(rounds.map(|(own, base)| own.micros / base.micros))
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
