//! `oratory fit`: which models fit this machine, with how much context, and how fast they will be.
//!
//! Reads headers and measures memory for half a second; no model is loaded.

mod table;

use std::process::ExitCode;

use oratory_local::Known;
use oratory_local::fit::{self, Setup};
use oratory_local::hardware::{self, Hardware};
use serde::Serialize;

use crate::cli::Json;
use crate::house::House;
use crate::out;
use crate::settings::Config;

pub(super) use table::bytes;

pub(super) async fn run(args: &Json, config: &Config) -> anyhow::Result<ExitCode> {
    let (house, _pipeline) = House::build(config, Vec::new())?;
    let known = house.engine.known();
    house.close().await;
    let report = tokio::task::spawn_blocking({
        let context = config.context;
        move || Report::of(known, context)
    })
    .await?;
    if args.json {
        out::json(&report);
    } else {
        table::show(&report, out::width());
    }
    Ok(ExitCode::SUCCESS)
}

/// What is printed.
#[derive(Serialize)]
struct Report {
    machine: Machine,
    /// The context that models are planned with, where they can hold it.
    context: u32,
    models: Vec<Model>,
}

#[derive(Serialize)]
struct Machine {
    cores: usize,
    memory_bytes: u64,
    available_bytes: Option<u64>,
    /// Whether a container allows less than the machine has.
    limited: bool,
    /// What models may take together.
    room_bytes: u64,
    unified_memory: bool,
    cards: Vec<Card>,
    read_bytes_per_second: f64,
}

#[derive(Serialize)]
struct Card {
    name: String,
    memory_bytes: u64,
    available_bytes: u64,
}

#[derive(Serialize)]
struct Model {
    name: String,
    quantisation: Option<&'static str>,
    /// Why nothing can be said of it.
    unusable: Option<String>,
    plan: Option<Parts>,
    /// The longest context that fits, up to what it was trained for.
    largest_context: Option<u32>,
    /// Bytes read for each new token.
    active_bytes: Option<u64>,
    /// Tokens a second at the beginning of a text: low, likely, high.
    tokens_per_second: Option<[f64; 3]>,
    verdict: Verdict,
    /// What guesses its next tokens, besides what was said before.
    drafts: Option<Drafting>,
}

/// What guesses for a model; its memory is in the plan's total.
#[derive(Serialize)]
struct Drafting {
    /// A smaller model; none means layers of its own.
    by: Option<String>,
    bytes: u64,
}

/// A plan with its context.
#[derive(Serialize)]
struct Parts {
    context: u32,
    weights_bytes: u64,
    repacked_bytes: u64,
    cache_bytes: u64,
    recurrent_bytes: u64,
    compute_bytes: u64,
    program_bytes: u64,
    drafts_bytes: u64,
    total_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Fits,
    FitsWithSmallerContext,
    DoesNotFit,
    Unusable,
}

impl Verdict {
    fn words(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::FitsWithSmallerContext => "fits with smaller context",
            Self::DoesNotFit => "does not fit",
            Self::Unusable => "unusable",
        }
    }
}

impl Report {
    fn of(known: Vec<Known>, context: u32) -> Self {
        let hardware = Hardware::look();
        let bandwidth = hardware::bandwidth(&hardware);
        let room = hardware.room();
        let models =
            known.into_iter().map(|known| Model::of(known, context, room, bandwidth)).collect();
        let cards = hardware.cards.iter().map(|card| Card {
            name: card.name.clone(),
            memory_bytes: card.memory,
            available_bytes: card.available,
        });
        let machine = Machine {
            cores: hardware.cores,
            memory_bytes: hardware.memory,
            available_bytes: hardware.available,
            limited: hardware.limited,
            room_bytes: room,
            unified_memory: hardware.unified,
            cards: cards.collect(),
            read_bytes_per_second: bandwidth,
        };
        Self { machine, context, models }
    }
}

impl Model {
    fn of(known: Known, context: u32, room: u64, bandwidth: f64) -> Self {
        let name = known.name.to_string();
        let facts = match known.facts {
            Ok(facts) => facts,
            Err(why) => return Self::unusable(name, why),
        };
        let context = facts.context.map_or(context, |trained| trained.min(context));
        let setup = Setup::of_model(&facts, context, 1).in_plain_steps(&facts, room);
        let plan = fit::plan(&facts, &setup);
        let drafts = known.drafts.map(|drafts| Drafting {
            by: drafts.by.map(|name| name.to_string()),
            bytes: drafts.bytes,
        });
        let besides = drafts.as_ref().map_or(0, |drafts| drafts.bytes);
        let largest = fit::largest_context(&facts, &Setup { flash: true, ..setup }, room);
        let speed = fit::speed(&facts, bandwidth);
        Self {
            name,
            quantisation: facts.quantisation,
            unusable: None,
            plan: Some(Parts::of(&plan, context, besides)),
            largest_context: largest,
            active_bytes: Some(fit::active_bytes(&facts)),
            tokens_per_second: speed.map(|speed| [speed.low, speed.likely, speed.high]),
            verdict: match largest {
                _ if plan.total() <= room => Verdict::Fits,
                Some(_) => Verdict::FitsWithSmallerContext,
                None => Verdict::DoesNotFit,
            },
            drafts,
        }
    }

    fn unusable(name: String, why: String) -> Self {
        Self {
            name,
            quantisation: None,
            unusable: Some(why),
            plan: None,
            largest_context: None,
            active_bytes: None,
            tokens_per_second: None,
            verdict: Verdict::Unusable,
            drafts: None,
        }
    }
}

impl Parts {
    fn of(plan: &fit::Plan, context: u32, besides: u64) -> Self {
        Self {
            context,
            weights_bytes: plan.weights,
            repacked_bytes: plan.repacked,
            cache_bytes: plan.cache,
            recurrent_bytes: plan.recurrent + plan.copies,
            compute_bytes: plan.compute + plan.ratings,
            program_bytes: plan.program,
            drafts_bytes: besides,
            total_bytes: plan.total() + besides,
        }
    }
}
