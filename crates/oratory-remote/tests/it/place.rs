//! Opens a place at a fake provider, asks it something and hears the answer out.
//!
//! What is asked is sealed as a test says: masking itself is not tested here.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use oratory_contract::{
    Answer, Asked, Chunk, Clearance, Delivery, Done, Drawer, Failure, Grant, Labels, Message,
    Permit, PlaceName, Prepared, Receives, Role, Sensitivity, Terms, Tier, Wanted,
};
use oratory_fakes::Book;
use oratory_privacy::{Custom, Found, Masked, RemotePlace};
use oratory_remote::{Access, Config, Place};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a test waits for what should take moments, before it fails rather than hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// Returns the settings of a place called `lab`, which may receive what is confidential.
pub(crate) fn config(url: String) -> Config {
    Config {
        name: "lab".into(),
        tier: Tier::Onprem,
        url,
        access: Access::default(),
        clearance: Clearance { as_is: Sensitivity::Confidential, masked: None },
        models: vec!["echo".into()],
        told: false,
        shut: None,
        concurrency: 4,
        connect: Duration::from_secs(2),
        first: Duration::from_secs(5),
        silence: Duration::from_secs(5),
        terms: Terms::default(),
        custom: Arc::default(),
        departures: Arc::new(Book::default()),
    }
}

/// Opens a place whose background work nobody needs.
pub(crate) fn open(config: Config) -> Place {
    Place::open(config, &TaskTracker::new(), CancellationToken::new()).expect("the address is good")
}

/// Returns a request that says `text`.
pub(crate) fn asked(text: &str, delivery: Delivery) -> Asked {
    let messages = vec![Message::new(Role::User, text)];
    Asked { delivery, ..Asked::new("test".into(), Wanted::Any, messages) }
}

/// Seals a request for a place that may receive it as it is.
pub(crate) fn sealed(asked: Asked, destination: &str) -> Masked {
    let place = PlaceName::from(destination);
    let grant = Grant { place, receives: Receives::AsIs };
    let permit = Permit::new(Labels::default(), vec![grant.clone()], Vec::new());
    let prepared = Prepared::new(asked, &permit);
    oratory_privacy::mask(
        prepared,
        &grant,
        Custom::none(),
        &Found::default(),
        &mut Drawer::default(),
    )
    .0
}

/// Asks `lab` and returns the beginning of its answer.
pub(crate) async fn ask(
    place: &Place,
    model: &str,
    text: &str,
    delivery: Delivery,
) -> Result<Answer, Failure> {
    let masked = sealed(asked(text, delivery), "lab");
    tokio::time::timeout(PATIENCE, place.run(&model.into(), masked))
        .await
        .expect("it takes moments")
}

/// Everything one answer said.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) texts: Vec<String>,
    /// What was said beside texts.
    pub(crate) rest: Vec<Chunk>,
    pub(crate) end: Result<Done, Failure>,
}

/// Hears an answer out. It must end, and end once.
pub(crate) async fn hear(answer: Answer) -> Heard {
    let (mut texts, mut rest) = (Vec::new(), Vec::new());
    let mut chunks = answer.chunks;
    let end = loop {
        let next = tokio::time::timeout(PATIENCE, chunks.next()).await.expect("it takes moments");
        match next.expect("an answer says how it ends") {
            Ok(Chunk::Text(text)) => texts.push(text),
            Ok(Chunk::Done(done)) => break Ok(done),
            Ok(other) => rest.push(other),
            Err(failure) => break Err(failure),
        }
    };
    assert!(chunks.next().await.is_none(), "something follows the end");
    Heard { texts, rest, end }
}

/// Asks, hears the answer out, and returns how it failed, before or after it began.
pub(crate) async fn failure(place: &Place, model: &str, delivery: Delivery) -> Failure {
    match ask(place, model, "hello", delivery).await {
        Ok(answer) => hear(answer).await.end.expect_err("this must fail"),
        Err(failure) => failure,
    }
}

/// Waits until something has come true, which takes moments if it ever does.
pub(crate) async fn until(what: &str, mut true_now: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if true_now() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("it never came true: {what}");
}
