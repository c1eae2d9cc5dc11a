//! One module per command. Each gets its arguments and the settings, and returns an exit code.
//!
//! What several commands share about asking is in `asking`.

mod ask;
mod asking;
mod bench;
mod config;
mod doctor;
mod eval;
mod fit;
mod keys;
mod ledger;
mod models;
mod policy;
mod portfolio;
mod privacy;
mod route;
mod run;
mod serve;
mod tune;
mod up;

use std::process::ExitCode;

use crate::cli::{self, Command};
use crate::out::{self, WrongUsage};
use crate::settings::{Config, Settings};

/// Runs one command.
pub(crate) fn run((command, settings): (Command, Settings)) -> anyhow::Result<ExitCode> {
    match command {
        Command::Config(args) => return config::run(&args, &settings),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut cli::command(), "oratory", &mut script);
            out::piece(String::from_utf8_lossy(&script));
            return Ok(ExitCode::SUCCESS);
        }
        Command::Privacy(args) => return privacy::run(args, &settings),
        Command::Policy(args) => return policy::run(args, &settings),
        Command::Keys(args) => return keys::run(args, &settings),
        Command::Eval(args) => return eval::run(&args, &settings),
        _ => {}
    }
    let config = Config::from(&settings).map_err(|error| WrongUsage(format!("{error:#}")))?;
    log(&config);
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        match command {
            Command::Up(args) => up::run(args, &config).await,
            Command::Serve(args) => serve::run(args, &config).await,
            Command::Run(args) => run::run(args, config).await,
            Command::Ask(args) => ask::run(args, &config).await,
            Command::Route(args) => route::run(&args, &config).await,
            Command::Portfolio(args) => portfolio::run(&args, &config).await,
            Command::Models(args) => models::run(args, &config).await,
            Command::Fit(args) => fit::run(&args, &config).await,
            Command::Bench(args) => bench::run(args, config).await,
            Command::Tune(args) => tune::run(args, config).await,
            Command::Ledger(args) => ledger::run(&args, &config),
            Command::Doctor(args) => doctor::run(&args, &config, &settings).await,
            Command::Config(_)
            | Command::Completions { .. }
            | Command::Eval(_)
            | Command::Keys(_)
            | Command::Policy(_)
            | Command::Privacy(_) => unreachable!("handled above"),
        }
    });
    // Names that a dead network looks up in vain take a thread for many seconds; what matters has
    // been waited for.
    runtime.shutdown_background();
    done
}

/// On a single core, threads that hand work to each other only take turns on it.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut builder = match cores {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

fn log(config: &Config) {
    use tracing_subscriber::filter::LevelFilter;
    let level: LevelFilter = config.log.parse().unwrap_or(LevelFilter::WARN);
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_target(false)
        .with_ansi(crate::out::coloured())
        .init();
}
