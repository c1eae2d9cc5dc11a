//! One place elsewhere: what it is called, what it serves, and how an answer is fetched.
//!
//! Which dialect is spoken is the dialects' matter, what may leave is the gate's.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{Method, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use oratory_contract::{
    Ability, Answer, Asked, At, Chunk, Chunks, Clearance, Delivery, Departures, Failure,
    FailureKind, ModelCard, ModelName, ModelOrigin, PlaceCard, PlaceName, Readiness, Retry, Terms,
    Tier, Trouble, Words,
};
use oratory_privacy::{Custom, Masked, RemotePlace};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::dialect::Speech;
use crate::gate::{AddressError, Gate, Watch};
use crate::heard::Heard;
use crate::limits::Limits;
use crate::said::{Wrong, is_page};
use crate::{Access, Shut, errors, unwritten};

mod listing;
mod roll;
mod stream;

use roll::Roll;

/// The largest answer in one piece, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// What a place is built from.
#[derive(Clone)]
pub struct Config {
    /// Its name.
    pub name: PlaceName,
    /// How far from home it is.
    pub tier: Tier,
    /// Where it is: an address that ends before what the dialect puts behind it.
    pub url: String,
    /// How it is spoken to, and what it wants to know of who asks.
    pub access: Access,
    /// What it may receive.
    pub clearance: Clearance,
    /// What is agreed with whoever runs it.
    pub terms: Terms,
    /// The models it serves; empty means it is asked.
    pub models: Vec<ModelName>,
    /// Whether somebody tells its models with `Place::tell`. Then others are not asked of it.
    pub told: bool,
    /// Why it is not called at all, if it is not.
    pub shut: Option<Shut>,
    /// Requests under way at once; more are refused.
    pub concurrency: usize,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long the first byte of a streamed answer may take.
    pub first: Duration,
    /// How long a silence may last between chunks.
    pub silence: Duration,
    /// What somebody calls private beside what Oratory knows.
    pub custom: Arc<Custom>,
    /// Writes down what leaves, before it does.
    pub departures: Arc<dyn Departures>,
}

impl Config {
    fn card(&self) -> PlaceCard {
        let (name, address) = (self.name.clone(), self.url.clone());
        let (clearance, terms) = (self.clearance, self.terms.clone());
        PlaceCard { name, tier: self.tier, address, clearance, terms }
    }
}

// The key says of itself that it is not shown; what is private here is nobody's to print either.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Config");
        shown.field("name", &self.name).field("tier", &self.tier).field("url", &self.url);
        shown.field("access", &self.access).field("clearance", &self.clearance);
        shown.field("terms", &self.terms).field("models", &self.models).finish_non_exhaustive()
    }
}

/// One place elsewhere.
pub struct Place(Arc<Endpoint>);

/// What a place shares with its answers, which outlive the call that began them.
struct Endpoint {
    gate: Gate,
    card: PlaceCard,
    roll: Mutex<Roll>,
    /// Whether only models on the roll may be asked for.
    told: bool,
    /// Whether the models are known, or are known not to be.
    listed: watch::Sender<bool>,
    room: Arc<Semaphore>,
    concurrency: usize,
    limits: Limits,
    speech: &'static dyn Speech,
    first: Duration,
    silence: Duration,
}

impl Place {
    /// Returns the place. If its models are not named, a task on `tasks` keeps asking for them
    /// until `stop`.
    pub fn open(
        config: Config,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, AddressError> {
        let card = config.card();
        let Config { access, models, concurrency, connect, first, silence, .. } = config;
        let Config { custom, departures, shut, told, .. } = config;
        let speech = access.dialect.speech();
        let asks = !told && shut.is_none() && models.is_empty() && speech.listing().is_some();
        let roll = Roll::begin(models.iter().map(listed).collect(), shut.as_ref());
        let watch = Watch { custom, departures, shut };
        let place = Arc::new(Endpoint {
            gate: Gate::new(card.clone(), &access, connect, watch)?,
            card,
            roll: Mutex::new(roll),
            told,
            listed: watch::Sender::new(!asks),
            room: Arc::new(Semaphore::new(concurrency)),
            concurrency,
            limits: Limits::default(),
            speech,
            first,
            silence,
        });
        if asks {
            tasks.spawn(listing::keep(place.clone(), stop));
        }
        Ok(Self(place))
    }

    /// Waits until the place has said which models it serves, or that it cannot.
    pub async fn listed(&self) {
        // An error would mean that the place is gone, and with it everyone who waits.
        let _ = self.0.listed.subscribe().wait_for(|listed| *listed).await;
    }

    /// Tells which models it serves now.
    pub fn tell(&self, models: Vec<ModelCard>) {
        self.0.list(models.into());
    }

    /// Tells that it does not answer any more, and why.
    pub fn tell_trouble(&self, trouble: Trouble) {
        self.0.trouble(trouble);
    }
}

impl Endpoint {
    /// Asks the place which models it serves.
    async fn ask_for_models(&self, limit: Duration) -> Result<Vec<ModelName>, Failure> {
        let Some(path) = self.speech.listing() else { return Ok(Vec::new()) };
        within(limit, self, async {
            let response = self.gate.send(Method::GET, path, &[], Bytes::new(), None).await?;
            let body = self.success(response).await?;
            let names = self.speech.models(&body);
            let names = names.map_err(|wrong| self.no_list(&body, wrong))?.into_iter();
            // A name goes to terminals and headers; one that could steer them is no name.
            Ok(names.filter(|name| !name.contains(char::is_control)).map(Into::into).collect())
        })
        .await
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().expect("no code panics while it holds the lock")
    }

    fn list(&self, models: Arc<[ModelCard]>) {
        *self.roll() = Roll { models, trouble: None };
        self.listed.send_replace(true);
    }

    fn trouble(&self, trouble: Trouble) {
        self.roll().mark(trouble);
        self.listed.send_replace(true);
    }

    /// Refuses a model that is not on the roll of a place that was found: what it would do with
    /// another is not known, and it may hand it on.
    fn knows(&self, model: &ModelName) -> Result<(), Failure> {
        if !self.told || self.roll().models.iter().any(|card| card.name == *model) {
            return Ok(());
        }
        let name = &self.card.name;
        let shown: String = model.as_str().chars().take(80).collect();
        let message = format!("{name} lists no model {shown:?}");
        Err(Failure::new(FailureKind::UnknownModel, At::Caller, message)
            .hint(format!("`oratory portfolio` shows what it has; to ask it for others, write [places.{name}] with its `url` into the settings")))
    }

    fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.room.clone().try_acquire_owned().map_err(|_| {
            let message = format!("{} has as many requests under way as it may", self.card.name);
            Failure::new(FailureKind::Overloaded, At::Oratory, message)
                .retry(Retry::After(Duration::from_secs(1)))
        })
    }

    /// Fetches an answer in one piece.
    async fn fetch(&self, model: &ModelName, masked: &Masked) -> Result<Chunks, Failure> {
        let response = self.ask(model, masked).await?;
        let body = self.success(response).await?;
        let mut heard = Heard::of(masked.asked());
        self.speech.whole(&mut heard, &body).map_err(|wrong| self.wrong(wrong))?;
        let done =
            heard.done().ok_or_else(|| self.broke_off("it does not say that it is whole"))?;
        let chunks = heard.chunks.into_iter().chain([Chunk::Done(done)]);
        Ok(futures_util::stream::iter(chunks.map(Ok)).boxed())
    }

    /// Starts an answer that comes piece by piece.
    async fn listen(
        self: &Arc<Self>,
        model: &ModelName,
        masked: &Masked,
        room: OwnedSemaphorePermit,
    ) -> Result<Chunks, Failure> {
        let limit = masked.asked().limits.time;
        let deadline = Instant::now() + limit;
        let first = self.first.min(limit);
        let response = within(first, self, self.ask(model, masked)).await?;
        if response.status().is_success() {
            let heard = Heard::of(masked.asked());
            return Ok(stream::chunks(self.clone(), response.into_body(), heard, deadline, room));
        }
        let refused = within(self.silence, self, self.success(response)).await;
        Err(refused.err().unwrap_or_else(|| self.broke_off("its status changed")))
    }

    /// Sends the question and returns how the answer begins.
    async fn ask(&self, model: &ModelName, masked: &Masked) -> Result<Response<Incoming>, Failure> {
        let call = self.speech.call(model, masked.asked());
        let extras = &masked.asked().extras;
        let same = extras.words.is_some() && extras.words == self.speech.words();
        let headers = if same { &*extras.headers } else { &[] };
        let sent =
            self.gate.send(Method::POST, &call.path, headers, call.body, Some(masked.cargo()));
        let response = sent.await?;
        self.limits.note(model, response.status(), response.headers());
        let kind = response.headers().get(http::header::CONTENT_TYPE);
        let page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        // No dialect answers so; what follows would be taken for an answer that broke off.
        if page && response.status().is_success() {
            return Err(self.page("an answer"));
        }
        Ok(response)
    }

    /// Returns the whole body of a success, or what the refusal means.
    async fn success(&self, response: Response<Incoming>) -> Result<Bytes, Failure> {
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|error| self.broke_off(&error.to_string()))?.to_bytes();
        if head.status.is_success() {
            Ok(body)
        } else {
            let failure = errors::failure(&self.card.name, head.status, &head.headers, &body);
            Err(self.gate.without_key(failure))
        }
    }

    /// Returns what it means that bytes give no answer. Providers quote the keys they refuse.
    fn wrong(&self, wrong: Wrong) -> Failure {
        self.gate.without_key(errors::wrong(&self.card.name, wrong))
    }

    /// Returns what it means that a list of models is none.
    fn no_list(&self, body: &[u8], wrong: Wrong) -> Failure {
        if is_page(body) { self.page("a list of models") } else { self.wrong(wrong) }
    }

    /// Returns what it means that a web server answers which serves no models there.
    fn page(&self, instead: &str) -> Failure {
        let name = &self.card.name;
        let message = format!("{name} answered with a web page instead of {instead}");
        let before = self.speech.listing().unwrap_or("what its dialect puts behind");
        Failure::new(FailureKind::Upstream, At::Remote(name.clone()), message).hint(format!(
            "check `places.{name}.url`: it ends before `{before}`, for most servers in /v1"
        ))
    }

    fn silent(&self, limit: Duration) -> Failure {
        let name = &self.card.name;
        let message = format!("{name} said nothing for {} s", limit.as_secs_f32());
        Failure::new(FailureKind::Timeout, At::Remote(name.clone()), message).retry(Retry::Now)
    }

    fn late(&self) -> Failure {
        let name = &self.card.name;
        let message = format!("the answer from {name} took longer than the request allows");
        Failure::new(FailureKind::Timeout, At::Remote(name.clone()), message)
    }

    fn broke_off(&self, why: &str) -> Failure {
        let name = &self.card.name;
        let message = format!("the answer from {name} broke off: {why}");
        Failure::new(FailureKind::Unreachable, At::Remote(name.clone()), message).retry(Retry::Now)
    }
}

#[async_trait]
impl RemotePlace for Place {
    fn card(&self) -> &PlaceCard {
        &self.0.card
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.0.roll().models.clone()
    }

    fn trouble(&self) -> Option<Trouble> {
        self.0.roll().trouble.clone()
    }

    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        self.0.speech.lacks(asked)
    }

    fn rests(&self, model: &ModelName, tokens: u64) -> Option<Duration> {
        self.0.limits.rest(model, tokens)
    }

    fn room(&self) -> usize {
        self.0.concurrency
    }

    fn speaks(&self, words: Words) -> bool {
        self.0.speech.words() == Some(words)
    }

    fn leaves_out(&self, model: &ModelName, asked: &Asked) -> Vec<&'static str> {
        let speech = self.0.speech;
        unwritten::wishes(asked).filter(|wish| !speech.carries(wish, model, asked)).collect()
    }

    async fn run(&self, model: &ModelName, masked: Masked) -> Result<Answer, Failure> {
        let place = &self.0;
        let name = &place.card.name;
        if masked.destination() != name {
            let message = format!("masked for {}, not for {name}", masked.destination());
            return Err(Failure::new(FailureKind::Refused, At::Oratory, message));
        }
        place.knows(model)?;
        let room = place.enter()?;
        let chunks = match masked.asked().delivery {
            Delivery::Stream => place.listen(model, &masked, room).await?,
            Delivery::Whole => {
                let limit = masked.asked().limits.time;
                let fetched = tokio::time::timeout(limit, place.fetch(model, &masked)).await;
                fetched.unwrap_or_else(|_| Err(place.late()))?
            }
        };
        Ok(Answer { place: name.clone(), model: model.clone(), chunks })
    }
}

/// Waits for work at a place, and for no longer than `limit`.
async fn within<T>(
    limit: Duration,
    place: &Endpoint,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(place.silent(limit)))
}

/// Returns what is known of a model by its name alone.
pub(crate) fn listed(name: &ModelName) -> ModelCard {
    ModelCard {
        name: name.clone(),
        readiness: Readiness::Ready,
        context: None,
        parameters: None,
        bytes: None,
        revision: 0,
        stand_in: false,
        abilities: vec![Ability::Answer],
        adapts: None,
        origin: ModelOrigin::default(),
    }
}
