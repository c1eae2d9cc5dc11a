//! Requests that name no model go where the answer is foretold to be good enough, and no farther.

use std::sync::Arc;

use futures_util::StreamExt;
use oratory_brains::embed::Embed;
use oratory_brains::predictor::{Lesson, Predictor, Reader, Request};
use oratory_brains::shipped::EMBED;
use oratory_contract::{Chunk, Labels, Sensitivity, Tier};
use oratory_fakes::{Drawers, Home, Ledger, Remote, Script};
use oratory_pipeline::{
    Config, DEFAULT_POLICY, Pipeline, Policy, Portfolio, Prefer, Routing, Site, Taste,
};

use crate::cases::{Ticks, asked};
use crate::unsure::Unsure;

const SUBJECTS: [&str; 6] = ["the moon", "bread", "a violin", "glaciers", "Rome", "tax law"];

/// A sum that home cannot do.
fn sum(number: usize) -> String {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    let (one, other) = (number * 37 % 91 + 12, number * 53 % 83 + 11);
    format!("A shop sells {one} things about {subject} at ${other} each. How much in all?")
}

/// A question that everybody answers well.
fn chat(number: usize) -> String {
    format!("Tell me what people like about {}.", SUBJECTS[number % SUBJECTS.len()])
}

/// What was learnt of a home that can chat and of a cloud that can do sums as well.
fn learnt() -> Arc<Predictor> {
    let reader = Reader::new(Arc::new(Embed::open(EMBED).unwrap()));
    let sums = (0..60).map(|number| (sum(number), [Some(0.0), Some(1.0)]));
    let chats = (0..60).map(|number| (chat(number), [Some(0.95), Some(1.0)]));
    let lessons: Vec<_> = sums.chain(chats).collect();
    let read: Vec<Request> = lessons.iter().map(|(text, _)| reader.read(text)).collect();
    let lessons: Vec<_> = read
        .iter()
        .zip(&lessons)
        .map(|(request, (_, scores))| Lesson { request, scores })
        .collect();
    let models = ["home/echo".to_owned(), "far/echo".to_owned()];
    Arc::new(Predictor::learn(&reader, &models, &lessons).unwrap())
}

/// A home, and a cloud that may read what is public.
struct House {
    pipeline: Pipeline,
    ledger: Ledger,
    far: Arc<Remote>,
}

fn house(home: Site, far: Script, taste: Taste, learns: bool) -> House {
    let far = Remote::new("far", Tier::Cloud, Sensitivity::Public, None, &[far]);
    let far = Arc::new(far.of_size(100_000_000_000));
    let portfolio = Portfolio::new(vec![home, Site::Remote(far.clone())]);
    let cards = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    let routing = Routing::new(taste, Arc::new(|_, _| None)).with_any(vec!["gpt-*".to_owned()]);
    routing.learn(learns.then(learnt));
    let ledger = Ledger::default();
    let pipeline = Pipeline::new(Config {
        policy: Arc::new(Policy::load(DEFAULT_POLICY, cards).unwrap()),
        portfolio,
        records: Arc::new(ledger.clone()),
        cache: None,
        budgets: None,
        prices: Arc::new(|_, _| None),
        spent: None,
        clock: Arc::new(Ticks::default()),
        near: None,
        unlabelled: Sensitivity::Public,
        custom: Arc::default(),
        vault: Arc::new(Drawers::default()),
        routing: Arc::new(routing),
        hedge: None,
    });
    House { pipeline, ledger, far }
}

fn echo() -> Site {
    Site::Local(Arc::new(Home::new(&[Script::Echo])))
}

impl House {
    /// Asks, and returns the place that answered and what it said.
    async fn ask(&self, text: &str) -> (String, String) {
        let told = self.pipeline.answer(asked("", &[text.to_owned()])).await.unwrap();
        let (place, mut chunks) = (told.decision.place.clone(), told.answer.chunks);
        let mut said = String::new();
        while let Some(chunk) = chunks.next().await {
            match chunk.unwrap() {
                Chunk::Text(more) => said += &more,
                Chunk::Chances(_) => panic!("nobody has asked for chances"),
                _ => {}
            }
        }
        (place, said)
    }

    async fn place(&self, text: &str) -> String {
        self.ask(text).await.0
    }

    fn reason(&self) -> String {
        self.ledger.records().last().unwrap().reason.clone()
    }
}

#[tokio::test]
async fn what_home_is_known_to_get_wrong_leaves_and_the_rest_stays() {
    let house = house(echo(), Script::Echo, Taste::default(), true);
    assert_eq!(house.place(&sum(1001)).await, "far");
    assert!(house.reason().contains("against foretold 0.0"), "{}", house.reason());
    assert_eq!(house.place(&chat(3)).await, "home");
    // What is not public stays, however badly it will be answered.
    let mut private = asked("", &[sum(1002)]);
    private.declared = Some(Labels::of(Sensitivity::Internal));
    assert_eq!(house.pipeline.answer(private).await.unwrap().decision.place, "home");
}

#[tokio::test]
async fn nothing_leaves_on_a_guess_until_a_person_wants_it() {
    let stays = house(echo(), Script::Echo, Taste::default(), false);
    assert_eq!(stays.place(&sum(1)).await, "home");
    let best = Taste { prefer: Prefer::Best, ..Taste::default() };
    let leaves = house(echo(), Script::Echo, best, false);
    assert_eq!(leaves.place(&sum(1)).await, "far");
    assert!(leaves.reason().contains("guessed"), "{}", leaves.reason());
}

#[tokio::test]
async fn no_more_leave_than_a_person_has_said() {
    let taste = Taste { cloud_share: Some(0.1), ..Taste::default() };
    let house = house(echo(), Script::Echo, taste, true);
    let mut left = Vec::new();
    for number in 0..1000 {
        // Half of them would be better off elsewhere.
        let text = if number % 2 == 0 { sum(number) } else { chat(number) };
        left.push(house.place(&text).await == "far");
    }
    for window in left[200..].windows(200) {
        let share = window.iter().filter(|left| **left).count();
        assert!((16..=24).contains(&share), "{share} of 200");
    }
    assert!(left[..200].iter().filter(|left| **left).count() <= 24);
    let easy = left.iter().skip(1).step_by(2).filter(|left| **left).count();
    assert!(easy < 5, "{easy} left that home answers as well");
    let kept = house.ledger.records();
    assert!(kept.iter().any(|record| record.reason.contains("route.cloud_share")));
}

#[tokio::test]
async fn a_name_that_means_any_model_is_routed_and_recorded_as_it_was_written() {
    let house = house(echo(), Script::Echo, Taste::default(), true);
    for (model, place) in [("gpt-5.4", "far"), ("echo", "home")] {
        let told = house.pipeline.answer(asked(model, &[sum(3)])).await.unwrap();
        assert_eq!(told.decision.place, place, "{model}");
        drop(told);
        assert_eq!(house.ledger.records().last().unwrap().wanted, model);
    }
    assert!(house.pipeline.answer(asked("gemini-3", &[sum(3)])).await.is_err());
}

#[tokio::test]
async fn deciding_without_asking_counts_nothing() {
    let taste = Taste { cloud_share: Some(0.5), ..Taste::default() };
    let house = house(echo(), Script::Echo, taste, true);
    house.place(&chat(0)).await;
    for _ in 0..5 {
        let decision = house.pipeline.decide(asked("", &[sum(7)])).unwrap();
        assert_eq!(decision.place, "far");
        let line = decision.line();
        assert!(line.contains("then home/echo 0.0"), "{line}");
    }
    assert_eq!(house.place(&sum(7)).await, "far");
    assert_eq!(house.place(&sum(8)).await, "home", "the half that was saved is used up");
}

#[tokio::test]
async fn in_a_cascade_home_is_heard_first_and_others_only_where_it_is_unsure() {
    let taste = Taste { sure: Some(0.7), ..Taste::default() };
    let home = || Site::Local(Arc::new(Unsure::default()));
    let cascade = house(home(), Script::Echo, taste, false);
    assert_eq!(cascade.ask("sure of it").await, ("home".into(), "home says sure of it".into()));
    assert_eq!(cascade.far.received().len(), 0);
    assert_eq!(cascade.ask("in doubt").await, ("far".into(), "in doubt".into()));
    assert!(cascade.reason().contains("home was only 0."), "{}", cascade.reason());
    // Where nobody else answers, home's answer is better than none.
    let alone = house(home(), Script::Crashes, taste, false);
    assert_eq!(alone.ask("in doubt").await, ("home".into(), "home says in doubt".into()));
    assert!(alone.reason().contains("home's answer is given"), "{}", alone.reason());
}
