//! Measures what `oratory serve` adds to a request: `cargo xtask bench gateway`.
//!
//! Oratory runs on one core, as people run it, with labels, policy, gate and records on. The
//! provider behind it and the callers before it share another core. Judges nothing: it fails
//! only where it could not measure.
#![allow(clippy::print_stdout, reason = "a measuring tool tells what it measured")]
#![allow(clippy::print_stderr, reason = "a measuring tool tells what it is doing")]

mod caller;
mod cores;
mod figures;
mod gateway;
mod measure;
mod report;
mod upstream;

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;
use std::time::Duration;

use cores::Cores;
use gateway::{Gateway, Ways};
use report::Report;
use upstream::Upstream;

/// Why nothing could be measured.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A load above which somebody else is likely to run on the two cores.
const BUSY: f64 = 0.5;

const USAGE: &str = "\
Usage: gateway-bench [--json] [--seconds N] [--requests N]

  --json        one JSON document on standard output and nothing else
  --seconds N   how long each of the four measurements takes; 6 by default
  --requests N  sends so many requests instead, and tells how much memory that took

ORATORY_BIN names the program that is measured.";

struct Wishes {
    requests: Option<u64>,
    json: bool,
    each: Duration,
}

fn main() -> ExitCode {
    let wishes = match wishes(std::env::args().skip(1)) {
        Ok(wishes) => wishes,
        Err(why) => {
            eprintln!("gateway-bench: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&wishes) {
        Ok(report) => {
            if let Some(report) = report {
                println!("{}", if wishes.json { report.json() } else { report.table() });
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("gateway-bench: could not measure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn wishes(mut arguments: impl Iterator<Item = String>) -> Result<Wishes, String> {
    let mut wishes = Wishes { requests: None, json: false, each: Duration::from_secs(6) };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => wishes.json = true,
            "--requests" => {
                let number = arguments.next().and_then(|number| number.parse().ok());
                let number = number.filter(|number| (10..=100_000_000).contains(number));
                wishes.requests = Some(number.ok_or("--requests wants 10 to 100000000")?);
            }
            "--seconds" => {
                let number = arguments.next().and_then(|number| number.parse().ok());
                let number = number.filter(|number| (1..=600).contains(number));
                wishes.each = Duration::from_secs(number.ok_or("--seconds wants 1 to 600")?);
            }
            other => return Err(format!("{other:?} means nothing here")),
        }
    }
    Ok(wishes)
}

#[expect(clippy::disallowed_methods, reason = "nobody hands a bench a Config")]
fn oratory() -> Result<OsString, Trouble> {
    std::env::var_os("ORATORY_BIN").ok_or_else(|| {
        "ORATORY_BIN does not name a program; use `cargo xtask bench gateway`".into()
    })
}

fn run(wishes: &Wishes) -> Result<Option<Report>, Trouble> {
    let program = oratory()?;
    let cores = Cores::share();
    let load = cores::load();
    eprintln!("{cores}");
    if let Some(load) = load.filter(|load| *load > BUSY) {
        eprintln!("others are at work here (load {load}): the slowest answers say little");
    }
    // Started after the cores are shared, so that these threads stay where they belong.
    let upstream = Upstream::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            report = work(&program, &upstream, &cores, wishes) => report,
            // Leaving in order: the gateways end with the values that hold them.
            () = told_to_stop() => Err("it was told to stop".into()),
        }
    })
}

async fn work(
    program: &OsStr,
    upstream: &Upstream,
    cores: &Cores,
    wishes: &Wishes,
) -> Result<Option<Report>, Trouble> {
    let Some(requests) = wishes.requests else {
        return measured(program, upstream, cores, wishes.each).await.map(Some);
    };
    let gateway = Gateway::oratory(program, upstream, cores).await?;
    let memory = |done: u64| {
        let resident = gateway.resident().unwrap_or(f64::NAN);
        println!("{done:>10} requests  {resident:6.1} MiB resident");
    };
    memory(0);
    measure::march(gateway.address, requests, memory).await?;
    let gateway::After { answered, failed, lost, .. } = gateway.after().await?;
    println!("{answered} answered, {failed} failed, {lost} records lost");
    Ok(None)
}

async fn measured(
    program: &OsStr,
    upstream: &Upstream,
    cores: &Cores,
    each: Duration,
) -> Result<Report, Trouble> {
    let mut gateways = vec![Gateway::oratory(program, upstream, cores).await?];
    gateways.extend(Gateway::nginx(upstream, cores).await);
    let ways = Ways::new(upstream, &gateways);
    let measured = measure::all(&ways, each).await?;
    let after = gateways[0].after().await?;
    Ok(Report { cores: cores.to_string(), ways: ways.names(), measured, after })
}

/// Resolves when a person presses Ctrl-C or a runner asks us to end.
async fn told_to_stop() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
