//! The same axum server with nothing, with ours, and with what one takes today, loaded in turn by the same client.
//!
//! Each server is a process of its own, so that subscribers and allocators do not mix. Rounds take turns, so that
//! what else goes on on the machine falls on all of them; the numbers are the medians.

mod client;
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
        .map(Server::start)
        .into_iter()
        .collect::<io::Result<Vec<_>>>()?;
    // The first round warms everything up.
    for round in 0..=ROUNDS {
        for server in &mut servers {
            let before = server.processor_micros()?;
            let measured = client::load(server.port)?;
            if round > 0 {
                server.micros += server.processor_micros()? - before;
                server.requests += measured.requests;
                server.rounds.push(measured);
            }
        }
    }
    let base = servers[0].median(|round| round.per_second);
    println!(
        "| server | requests per second | to nothing | processor time in µs | p99 in µs | allocations per request |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for server in &servers {
        let per_second = server.median(|round| round.per_second);
        println!(
            "| {} | {per_second:.0} | {:.2} | {:.1} | {:.0} | {:.1} |",
            server.kind.title(),
            per_second / base,
            server.micros / server.requests,
            server.median(|round| round.p99_micros),
            server.median(|round| round.allocations),
        );
    }
    Ok(())
}

struct Server {
    kind: Kind,
    process: Child,
    port: u16,
    rounds: Vec<Round>,
    /// Of all rounds.
    micros: f64,
    requests: f64,
}

impl Server {
    fn start(kind: Kind) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
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
            micros: 0.0,
            requests: 0.0,
        })
    }

    /// The processor time that the server has used so far, which the rest of the machine's work changes least.
    fn processor_micros(&self) -> io::Result<f64> {
        const TICK: f64 = 10_000.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name, which comes second, stands in brackets; user and system time are the 14th and the 15th field.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks: f64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum();
        Ok(ticks * TICK)
    }

    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        let mut numbers: Vec<f64> = self.rounds.iter().map(of).collect();
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
