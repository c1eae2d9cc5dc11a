//! A place elsewhere that does what a test says, call by call, and a clock that moves when somebody waits.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use oratory_contract::{
    Ability, Answer, Asked, At, Chunk, Clearance, Done, Failure, FailureKind, Finish, ModelCard,
    ModelName, ModelOrigin, PlaceCard, Readiness, Retry, Sensitivity, Terms, Tier, Trouble, Usage,
    Words,
};
use oratory_fakes::{Drawers, Ledger};
use oratory_pipeline::{Clock, Config, DEFAULT_POLICY, Pipeline, Policy, Portfolio, Site};
use oratory_privacy::{Masked, RemotePlace};

/// What a place does with one call.
#[derive(Clone, Copy)]
pub(crate) enum Does {
    Answers,
    /// Says one word and nothing more.
    Begins,
    /// Says one word and breaks off.
    BreaksOff,
    Hangs,
    Fails(FailureKind, Retry),
}

/// A place that serves the model `large`.
pub(crate) struct Moody {
    card: PlaceCard,
    models: Arc<[ModelCard]>,
    does: Box<dyn Fn(usize) -> Does + Send + Sync>,
    calls: AtomicUsize,
    under_way: Arc<()>,
    room: usize,
    pub(crate) rests: Mutex<Option<Duration>>,
}

impl Moody {
    /// Returns a place that does with each call what `does` says of its number, from 0.
    pub(crate) fn new(
        name: &str,
        tier: Tier,
        does: impl Fn(usize) -> Does + Send + Sync + 'static,
    ) -> Self {
        let clearance = Clearance { as_is: Sensitivity::Internal, masked: None };
        let (address, terms) = (format!("https://{name}.example"), Terms::default());
        let card = PlaceCard { name: name.into(), tier, address, clearance, terms };
        let model = ModelCard {
            name: "large".into(),
            readiness: Readiness::Ready,
            context: Some(2048),
            parameters: None,
            bytes: None,
            revision: 0,
            stand_in: false,
            abilities: vec![Ability::Answer],
            adapts: None,
            origin: ModelOrigin::default(),
        };
        Self {
            card,
            models: Arc::new([model]),
            does: Box::new(does),
            calls: AtomicUsize::new(0),
            under_way: Arc::default(),
            room: usize::MAX,
            rests: Mutex::default(),
        }
    }

    pub(crate) fn room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    pub(crate) fn name(&self) -> &str {
        self.card.name.as_str()
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Returns how many calls have neither ended nor been dropped.
    pub(crate) fn under_way(&self) -> usize {
        Arc::strong_count(&self.under_way) - 1
    }
}

#[async_trait]
impl RemotePlace for Moody {
    fn card(&self) -> &PlaceCard {
        &self.card
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.models.clone()
    }

    fn lacks(&self, _asked: &Asked) -> Option<&'static str> {
        None
    }

    fn trouble(&self) -> Option<Trouble> {
        None
    }

    fn rests(&self, _model: &ModelName, _tokens: u64) -> Option<Duration> {
        *self.rests.lock().unwrap()
    }

    fn room(&self) -> usize {
        self.room
    }

    fn speaks(&self, _words: Words) -> bool {
        false
    }

    fn leaves_out(&self, _model: &ModelName, _asked: &Asked) -> Vec<&'static str> {
        Vec::new()
    }

    async fn run(&self, model: &ModelName, masked: Masked) -> Result<Answer, Failure> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        let under_way = self.under_way.clone();
        let place = masked.destination().clone();
        let failed = |kind| Failure::new(kind, At::Remote(place.clone()), "no luck");
        let word = Ok(Chunk::Text("yes".to_owned()));
        let done = Done { finish: Finish::Stop, usage: Usage::default() };
        let chunks = match (self.does)(number) {
            Does::Answers => stream::iter([word, Ok(Chunk::Done(done))]).boxed(),
            Does::Begins => stream::iter([word]).chain(stream::pending()).boxed(),
            Does::BreaksOff => stream::iter([word, Err(failed(FailureKind::Unreachable))]).boxed(),
            Does::Hangs => std::future::pending().await,
            Does::Fails(kind, retry) => return Err(failed(kind).retry(retry)),
        };
        let chunks = chunks.inspect(move |_| _ = &under_way).boxed();
        Ok(Answer { place, model: model.clone(), chunks })
    }
}

/// Stands still until somebody waits.
#[derive(Default)]
pub(crate) struct Hands {
    ms: AtomicU64,
    pub(crate) slept: Mutex<Vec<Duration>>,
}

impl Clock for Hands {
    fn unix_ms(&self) -> u64 {
        1_763_683_200_000 + self.ms.load(Ordering::SeqCst)
    }

    fn ticks_us(&self) -> u64 {
        self.ms.load(Ordering::SeqCst) * 1000
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.slept.lock().unwrap().push(time);
        self.ms.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
        Box::pin(ready(()))
    }
}

/// Returns a pipeline over these places.
pub(crate) fn pipeline(
    places: &[&Arc<Moody>],
    clock: Arc<dyn Clock>,
    hedge: Option<Duration>,
) -> Pipeline {
    let sites = places.iter().map(|place| Site::Remote((*place).clone())).collect();
    let portfolio = Portfolio::new(sites);
    let cards = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    Pipeline::new(Config {
        policy: Arc::new(Policy::load(DEFAULT_POLICY, cards).unwrap()),
        portfolio,
        records: Arc::new(Ledger::default()),
        cache: None,
        budgets: None,
        prices: Arc::new(|_, _| None),
        spent: None,
        clock,
        near: None,
        unlabelled: Sensitivity::Public,
        custom: Arc::default(),
        vault: Arc::new(Drawers::default()),
        hedge,
        routing: Arc::default(),
    })
}
