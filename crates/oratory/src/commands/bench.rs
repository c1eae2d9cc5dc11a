//! `oratory bench`: measures one model on this machine, the way requests reach it.
//!
//! Stops when its time is over; what was not measured is said to be so.

mod asking;
mod report;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use oratory_local::Engine;
use oratory_local::fit::{Setup, bytes_per_token};
use oratory_local::gguf::Facts;
use oratory_local::hardware::{self, EnergyMeter, Hardware, peak_memory};

use self::asking::{Asker, Heard};
use self::report::{Alone, Decode, Report, Streams};
use super::run::named;
use crate::cli::Bench;
use crate::house::{self, House};
use crate::out;
use crate::settings::Config;

/// Tokens before the text whose speed is measured.
const DEPTHS: [u32; 3] = [0, 512, 2048];
/// Texts written at once.
const CROWDS: [u32; 4] = [1, 2, 4, 8];
/// Tokens of the prompt whose reading is measured.
const PROMPT: u32 = 512;
/// Tokens written to measure how fast.
const WRITTEN: u32 = 48;

pub(super) async fn run(args: Bench, config: Config) -> anyhow::Result<ExitCode> {
    let Some((files, model)) = named(&args.model, &config).await? else {
        return Ok(ExitCode::FAILURE);
    };
    let name = model.as_str().trim_start_matches("home/").to_owned();
    let config = Config { places: Vec::new(), ..config };
    let (house, _pipeline) = House::build(&config, files)?;
    if let Some(depth) = args.alone {
        let alone = alone(&house.engine, &name, depth).await;
        house.close().await;
        alone?.show(args.json);
        return Ok(ExitCode::SUCCESS);
    }
    let outcome = tokio::select! {
        outcome = measure(&house.engine, &name, &config, args.seconds) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("stopped before anything was told")),
    };
    house.close().await;
    let report = outcome?;
    if args.json {
        out::json(&report);
    } else {
        report.show();
    }
    Ok(ExitCode::SUCCESS)
}

async fn alone(engine: &Engine, name: &str, depth: u32) -> anyhow::Result<Alone> {
    tell("llama.cpp alone");
    let measured = engine.alone(&name.into(), depth, WRITTEN).await;
    untell();
    let (read, written) = measured.map_err(house::error)?;
    Ok(Alone { depth, prefill_tokens_per_second: read, decode_tokens_per_second: written })
}

async fn measure(
    engine: &Engine,
    name: &str,
    config: &Config,
    seconds: u64,
) -> anyhow::Result<Report> {
    let facts = engine.known().into_iter().find(|known| known.name.as_str() == name);
    let facts = facts.with_context(|| format!("there is no model {name:?} on this machine"))?.facts;
    let facts = facts.map_err(|why| anyhow::anyhow!("{name} cannot be used: {why}"))?;
    tell("memory");
    let bandwidth = tokio::task::spawn_blocking(|| hardware::bandwidth(&Hardware::look())).await?;
    let context = facts.context.map_or(config.context, |trained| trained.min(config.context));
    let mut bench = Bencher {
        facts: &facts,
        asker: Asker::new(engine, name),
        until: Instant::now() + Duration::from_secs(seconds),
        context,
        paces: (50.0, 5.0),
        report: Report::new(name, bandwidth, context),
    };
    // What takes longer is cut off; what was measured until then is told.
    if let Ok(done) = tokio::time::timeout_at(bench.until.into(), bench.all()).await {
        done.map_err(house::error)?;
    }
    let worker = engine.workers().into_iter().find_map(|worker| worker.pid);
    bench.report.peak_memory_bytes = worker.and_then(peak_memory);
    untell();
    Ok(bench.report)
}

struct Bencher<'a> {
    facts: &'a Facts,
    asker: Asker<'a>,
    until: Instant,
    context: u32,
    /// Tokens a second, read and written, as far as known; to guess how long a step takes.
    paces: (f64, f64),
    report: Report,
}

type Measured = Result<(), oratory_contract::Failure>;

impl Bencher<'_> {
    async fn all(&mut self) -> Measured {
        tell("first token");
        let cold = self.asker.ask(8, 8).await?;
        self.report.first_token_cold_ms = Some(cold.first_ms());
        // A second, of another length, tells how many tokens a word takes.
        let long = self.asker.ask(64, 2).await?;
        self.asker.calibrate(&cold, 8, &long, 64);
        self.paces = (long.reading_pace(), cold.writing_pace().unwrap_or(self.paces.1));
        self.warm().await?;
        self.decode(0).await?;
        self.prefill().await?;
        for depth in &DEPTHS[1..] {
            self.decode(*depth).await?;
        }
        for crowd in CROWDS {
            self.streams(crowd).await?;
        }
        Ok(())
    }

    /// Says whether there is time for about `tokens` more to be read and as many written as usual.
    fn time_for(&self, tokens: u32, written: u32) -> bool {
        let (read, write) = self.paces;
        let needs = f64::from(tokens) / read.max(0.1) + f64::from(written) / write.max(0.1);
        Instant::now() + Duration::from_secs_f64(needs.min(1e6)) < self.until
    }

    async fn warm(&mut self) -> Measured {
        let mut times = Vec::new();
        for _ in 0..3 {
            times.push(self.asker.ask(8, 1).await?.first_ms());
        }
        self.report.first_token_warm_ms = median(times);
        Ok(())
    }

    async fn prefill(&mut self) -> Measured {
        tell("reading");
        if PROMPT + WRITTEN > self.context {
            return Ok(());
        }
        let mut paces = Vec::new();
        while paces.len() < 3 && (paces.is_empty() || self.time_for(PROMPT, 0)) {
            let words = self.asker.words(PROMPT);
            paces.push(self.asker.ask(words, 1).await?.reading_pace());
        }
        self.report.prefill_tokens_per_second = median(paces);
        self.paces.0 = self.report.prefill_tokens_per_second.unwrap_or(self.paces.0);
        Ok(())
    }

    async fn decode(&mut self, depth: u32) -> Measured {
        tell(&format!("writing after {depth}"));
        // The first figure is told whatever it takes; without it nothing is.
        let first = self.report.decode.is_empty();
        if depth + 2 * WRITTEN > self.context || !(first || self.time_for(depth, WRITTEN)) {
            return Ok(());
        }
        let meter = EnergyMeter::start();
        let words = if depth == 0 { 1 } else { self.asker.words(depth) };
        let heard = self.asker.ask(words, WRITTEN).await?;
        let joules = meter.and_then(|meter| meter.joules());
        let Some(pace) = heard.writing_pace() else { return Ok(()) };
        self.paces.1 = pace;
        let bytes = bytes_per_token(self.facts, &Setup::of_engine(self.context, 1), heard.input);
        self.report.decode.push(Decode {
            depth,
            prompt_tokens: heard.input,
            tokens: heard.output,
            tokens_per_second: pace,
            bytes_per_token: bytes,
            share_of_bandwidth: pace * bytes as f64 / self.report.read_bytes_per_second,
        });
        if depth == 0 {
            self.report.joules_per_token = joules.map(|all| all / f64::from(heard.output));
        }
        Ok(())
    }

    async fn streams(&mut self, crowd: u32) -> Measured {
        tell(&format!("{crowd} at once"));
        if !self.time_for(32 * crowd, WRITTEN * crowd) {
            return Ok(());
        }
        let began = Instant::now();
        let heard: Vec<Heard> = self.asker.crowd(crowd, 16, WRITTEN).await?;
        let took = began.elapsed().as_secs_f64();
        let written: u32 = heard.iter().map(|heard| heard.output).sum();
        let slowest = heard.iter().map(Heard::first_ms).fold(0.0, f64::max);
        self.report.streams.push(Streams {
            streams: crowd,
            tokens: written,
            tokens_per_second: f64::from(written) / took,
            slowest_first_token_ms: slowest,
        });
        Ok(())
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// Says what is measured now, where a person is watching.
fn tell(what: &str) {
    if out::watched() {
        out::passing(format_args!("measuring: {what}"));
    }
}

fn untell() {
    if out::watched() {
        out::passing("");
    }
}
