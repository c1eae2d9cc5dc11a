//! One file per case: request, places, and what is expected outbound, answered and recorded.
//!
//! Adding a case adds no Rust.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use oratory_contract::{
    AnswerCache, Asked, CacheKey, Chunk, Embed, Failure, Input, Kept, Labels, Meant, Medium,
    Message, Money, Price, Prices, Role, Sense, Sensitivity, Spending, Spent, Task, Tier, TooLong,
    Tool, Wanted,
};
use oratory_fakes::{Drawers, Home, Ledger, Remote, Script};
use oratory_pipeline::{Clock, Config, DEFAULT_POLICY, Pipeline, Policy, Portfolio, Site, Told};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What a person should understand this case to promise.
    #[serde(rename = "about")]
    _about: String,
    asked: Question,
    #[serde(default)]
    home: Vec<String>,
    #[serde(default)]
    places: Vec<Place>,
    #[serde(default)]
    policy: Option<String>,
    /// Cents that the caller has spent.
    #[serde(default)]
    spent: Option<u64>,
    /// Whether surrogates cannot be kept.
    #[serde(default)]
    broken_vault: bool,
    /// How often it is asked; the last time counts.
    #[serde(default = "once")]
    times: u32,
    expect: Expected,
}

fn once() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    #[serde(default)]
    model: String,
    messages: Vec<String>,
    /// Pictures that the last message holds.
    #[serde(default)]
    pictures: usize,
    /// Tools that are offered.
    #[serde(default)]
    tools: Vec<Offered>,
    /// Texts to be turned into vectors, instead of a conversation.
    #[serde(default)]
    embed: Vec<String>,
    #[serde(default)]
    temperature: Option<f32>,
    #[serde(default)]
    declared: Option<Sensitivity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offered {
    name: String,
    description: String,
    parameters: serde_json::Value,
}

impl Offered {
    fn tool(&self) -> Tool {
        Tool {
            name: self.name.clone(),
            description: Some(self.description.clone()),
            parameters: self.parameters.to_string(),
            strict: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    name: String,
    tier: Tier,
    as_is: Sensitivity,
    #[serde(default)]
    masked: Option<Sensitivity>,
    models: Vec<String>,
    /// Dollars for a million tokens read, and written.
    #[serde(default)]
    price: Option<(Money, Money)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default)]
    answered: Option<String>,
    #[serde(default)]
    failed: Option<String>,
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    outbound: BTreeMap<String, Vec<String>>,
    recorded: BTreeMap<String, serde_json::Value>,
}

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut seen = 0;
    for file in folder.read_dir().expect("the cases are in the repository") {
        let file = file.expect("the folder can be read").path();
        let text = std::fs::read_to_string(&file).expect("a case is text");
        // Put together here, so that no scanner takes a case file for a leak.
        let text = text.replace("{KEY}", concat!("gh", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d"));
        let name = file.file_stem().expect("a case has a name").to_string_lossy().into_owned();
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime starts").block_on(check(&name, case));
        seen += 1;
    }
    assert!(seen >= 12, "only {seen} cases were found");
}

async fn check(name: &str, case: Case) {
    let remotes: Vec<Arc<Remote>> = case.places.iter().map(remote).collect();
    let ledger = Ledger::default();
    let pipeline = pipeline(&case, &remotes, &ledger);
    let mut outcome = tell(&pipeline, &case.asked).await;
    for _ in 1..case.times {
        outcome = tell(&pipeline, &case.asked).await;
    }
    let expect = case.expect;
    match &outcome {
        Ok(text) => assert_eq!(Some(text), expect.answered.as_ref(), "{name}: answered"),
        Err(failure) => {
            let kind = failure.kind.as_str().to_owned();
            assert_eq!(Some(kind), expect.failed, "{name}: {failure:?}");
            let said = format!("{failure} ({})", failure.hint.as_deref().unwrap_or(""));
            let says = expect.says.unwrap_or_default();
            assert!(said.contains(&says), "{name}: {said:?} does not say {says:?}");
        }
    }
    let outbound: BTreeMap<_, _> = remotes
        .iter()
        .zip(&case.places)
        .filter(|(remote, _)| !remote.received().is_empty())
        .map(|(remote, place)| (place.name.clone(), remote.received()))
        .collect();
    assert_eq!(outbound, expect.outbound, "{name}: outbound");
    let records = ledger.records();
    assert_eq!(records.len(), case.times as usize, "{name}: one record a request");
    let record = serde_json::to_value(records.last()).expect("a record is plain data");
    for (field, value) in expect.recorded {
        assert_eq!(record[&field], value, "{name}: recorded {field}");
    }
}

fn pipeline(case: &Case, remotes: &[Arc<Remote>], ledger: &Ledger) -> Pipeline {
    let scripts: Vec<Script> = case.home.iter().map(|name| name.parse().unwrap()).collect();
    let mut sites = vec![Site::Local(Arc::new(Home::new(&scripts)))];
    sites.extend(remotes.iter().map(|remote| Site::Remote(remote.clone())));
    let portfolio = Portfolio::new(sites);
    let cards: Vec<_> = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    let text = case.policy.as_deref().unwrap_or(DEFAULT_POLICY);
    let policy = Policy::load(text, cards.clone())
        .unwrap_or_else(|error| Policy::home_only(error.to_string(), cards));
    Pipeline::new(Config {
        policy: Arc::new(policy),
        portfolio,
        records: Arc::new(ledger.clone()),
        cache: Some(Arc::new(Shelf::default())),
        prices: prices(&case.places),
        spent: case.spent.map(|cents| -> Spent {
            Arc::new(move |_, _| Spending { today: cents, month: cents })
        }),
        clock: Arc::new(Ticks::default()),
        near: Some(Box::new(near)),
        hedge: None,
        unlabelled: Sensitivity::Internal,
        budgets: None,
        custom: Arc::default(),
        vault: if case.broken_vault {
            Arc::new(Drawers::broken())
        } else {
            Arc::<Drawers>::default()
        },
        routing: Arc::default(),
    })
}

/// Home costs nothing, and places what their case says.
fn prices(places: &[Place]) -> Prices {
    let known = places.iter().map(|place| (place.name.clone(), place.price));
    let known: HashMap<String, Option<(Money, Money)>> = known.collect();
    Arc::new(move |place, _| match place {
        "home" => Some(Price::FREE),
        place => known.get(place).copied()?.map(|(input, output)| Price::flat(input, output)),
    })
}

/// Whatever begins like a model's name means that model.
fn near(asked: &str, names: &[&str]) -> Meant {
    let asked = asked.to_lowercase();
    let found: Vec<String> =
        names.iter().filter(|name| name.starts_with(&asked)).map(|&name| name.to_owned()).collect();
    match &found[..] {
        [] => Meant::None,
        [one] => Meant::One(one.clone()),
        _ => Meant::Several(found),
    }
}

fn remote(place: &Place) -> Arc<Remote> {
    let scripts: Vec<Script> = place.models.iter().map(|name| name.parse().unwrap()).collect();
    Arc::new(Remote::new(&place.name, place.tier, place.as_is, place.masked, &scripts))
}

pub(crate) fn asked(model: &str, messages: &[String]) -> Asked {
    let messages = messages.iter().map(|content| Message::new(Role::User, content));
    Asked::new("tests".into(), Wanted::parse(model), messages.collect())
}

async fn tell(pipeline: &Pipeline, question: &Question) -> Result<String, Failure> {
    let mut asked = asked(&question.model, &question.messages);
    if let Some(last) = asked.messages.last_mut() {
        let picture = |at| Medium { sense: Sense::Sight, at, file: vec![7].into() };
        last.media = (0..question.pictures).map(picture).collect();
    }
    asked.tools.offered = question.tools.iter().map(Offered::tool).collect();
    asked.sampling.temperature = question.temperature;
    asked.declared = question.declared.map(Labels::of);
    if !question.embed.is_empty() {
        let inputs = question.embed.iter().cloned().map(Input::Text).collect();
        asked.task = Task::Embed(Embed { inputs, dimensions: None, too_long: TooLong::Refused });
    }
    let Told { mut answer, .. } = pipeline.answer(asked).await?;
    let mut text = String::new();
    while let Some(chunk) = answer.chunks.next().await {
        match chunk? {
            Chunk::Text(more) => text.push_str(&more),
            Chunk::Vector(numbers) => text.push_str(&format!("{numbers:?}")),
            Chunk::Call(part) => {
                text.extend(part.begins.map(|head| format!(" {}", head.name)));
                text.push_str(&part.arguments);
            }
            Chunk::Begun(_) | Chunk::Thinking(_) => {}
            Chunk::Done(_) => break,
            other => panic!("{other:?} in an answer of text"),
        }
    }
    Ok(text)
}

/// Keeps answers without a limit.
#[derive(Default)]
struct Shelf(Mutex<HashMap<CacheKey, Kept>>);

impl AnswerCache for Shelf {
    fn find(&self, key: &CacheKey) -> Option<Kept> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn keep(&self, key: CacheKey, kept: Kept) {
        self.0.lock().unwrap().insert(key, kept);
    }
}

/// Moves on by one each time it is read.
#[derive(Default)]
pub(crate) struct Ticks(AtomicU64);

impl Clock for Ticks {
    fn unix_ms(&self) -> u64 {
        1_763_683_200_000
    }

    fn ticks_us(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}
