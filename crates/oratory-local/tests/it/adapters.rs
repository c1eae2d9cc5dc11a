//! Adapters: found beside their models, put on per request, never mixed up, refused by name.
//!
//! Made models and made adapters, strong enough that the words differ.

use std::path::PathBuf;

use oratory_contract::{Asked, FailureKind, LocalPlace, Readiness};
use oratory_local::shapes::{self, find};

use crate::house::{House, question};

const MODEL: &str = "tiny-qwen3";

fn house() -> House {
    let house = House::with(&[], |config| config.guess = oratory_local::Guess::Never);
    shapes::write(&find(MODEL).unwrap(), &house.path(&format!("{MODEL}.gguf"))).unwrap();
    for word in ["formal", "rude"] {
        adapter(&house, MODEL, word);
    }
    house.engine.rescan();
    house
}

fn adapter(house: &House, model: &str, word: &str) -> PathBuf {
    let path = house.path(&format!("{word}.gguf"));
    shapes::write_adapter(&find(model).unwrap(), word, &path).unwrap();
    path
}

fn asked(caller: &str) -> Asked {
    let mut asked = question("bababa bebaba cabada Good morning!");
    asked.caller = caller.into();
    asked.limits.max_tokens = Some(40);
    asked
}

async fn say(house: &House, model: &str, caller: &str) -> String {
    house.hear(model, asked(caller)).await.unwrap_or_else(|why| panic!("{model}: {why}")).0
}

#[tokio::test]
async fn an_adapter_changes_what_is_said_and_none_or_strength_0_does_not() {
    let house = house();
    let plain = say(&house, MODEL, "one").await;
    let formal = say(&house, "tiny-qwen3+formal", "one").await;
    let rude = say(&house, "tiny-qwen3+rude", "one").await;
    assert!(plain != formal && formal != rude && rude != plain, "{plain}\n{formal}\n{rude}");
    for (name, expected) in [
        ("tiny-qwen3+formal:0", &plain),
        ("tiny-qwen3+formal", &formal),
        ("tiny-qwen3+formal:1.0", &formal),
        (MODEL, &plain),
    ] {
        // The same caller again, so that what is kept is used where it may be.
        assert_eq!(say(&house, name, "one").await, *expected, "{name}");
    }
    let stronger = say(&house, "tiny-qwen3+formal:3", "one").await;
    assert_ne!(stronger, formal);
    let workers: Vec<String> =
        house.engine.workers().iter().map(|worker| worker.model.to_string()).collect();
    assert_eq!(workers, [MODEL], "one process serves all variants");
}

#[tokio::test]
async fn callers_with_different_adapters_at_once_get_what_each_gets_alone() {
    let house = house();
    let names = ["tiny-qwen3+formal", "tiny-qwen3+rude", MODEL, "tiny-qwen3+rude:0.5"];
    let mut alone = Vec::new();
    for name in names {
        alone.push(say(&house, name, "alone").await);
    }
    for round in 0..3 {
        let callers = names.map(|name| (name, format!("{name} {round}")));
        let together = callers.iter().map(|(name, caller)| say(&house, name, caller));
        let together = futures_util::future::join_all(together).await;
        assert_eq!(together, alone);
    }
}

#[tokio::test]
async fn what_one_adapter_has_computed_is_no_beginning_for_another() {
    let house = house();
    let cached = async |model: &str| house.hear(model, asked("one")).await.unwrap().1.usage.cached;
    assert_eq!(cached("tiny-qwen3+formal").await, 0);
    assert_eq!(cached("tiny-qwen3+rude").await, 0);
    assert_eq!(cached("tiny-qwen3+formal:0.5").await, 0);
    assert!(cached("tiny-qwen3+formal").await > 0, "its own is");
}

#[tokio::test]
async fn variants_are_listed_and_what_cannot_be_used_says_why() {
    let house = house();
    adapter(&house, "tiny-llama", "foreign");
    std::fs::write(house.path("broken.gguf"), "GGUF").unwrap();
    house.engine.rescan();
    let cards = house.engine.models();
    let card = |name: &str| cards.iter().find(|card| card.name.as_str() == name).unwrap();
    assert_eq!(card("tiny-qwen3+formal").adapts, Some(MODEL.into()));
    assert_eq!(card("tiny-qwen3+formal").readiness, Readiness::Cold);
    let Readiness::Unavailable(why) = &card("foreign").readiness else { panic!("{cards:?}") };
    assert_eq!(why, "it is an adapter for a llama model, and none here fits");
    assert!(matches!(card("broken").readiness, Readiness::Unavailable(_)));
    for (name, kind, words) in [
        ("foreign", FailureKind::Broken, "for a llama model"),
        ("tiny-qwen3+foreign", FailureKind::UnknownModel, "there is no model"),
        ("tiny-qwen3+formal:loud", FailureKind::UnknownModel, "there is no model"),
        ("tiny-qwen3+formal:99", FailureKind::Invalid, "is 99"),
        ("tiny-qwen3:0.5", FailureKind::UnknownModel, "there is no model"),
    ] {
        let failure = house.hear(name, asked("one")).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{name}: {failure}");
        assert!(failure.message.contains(words), "{name}: {failure}");
    }
}

#[tokio::test]
async fn an_adapter_that_changed_on_disk_is_loaded_anew_and_a_damaged_one_ends_nothing() {
    let house = house();
    let before = say(&house, "tiny-qwen3+formal", "one").await;
    let rude = say(&house, "tiny-qwen3+rude", "one").await;
    // The other adapter under this name, as a newer training would be.
    std::fs::copy(house.path("rude.gguf"), house.path("formal.gguf")).unwrap();
    house.engine.rescan();
    let after = say(&house, "tiny-qwen3+formal", "one").await;
    assert!(after == rude && after != before);
    let whole = std::fs::read(house.path("formal.gguf")).unwrap();
    std::fs::write(house.path("formal.gguf"), &whole[..whole.len() / 2]).unwrap();
    house.engine.rescan();
    let failure = house.hear("tiny-qwen3+formal", asked("one")).await.unwrap_err();
    assert!(failure.message.contains("formal"), "{failure}");
    assert_eq!(say(&house, "tiny-qwen3+rude", "one").await, rude);
    assert_eq!(house.worker(MODEL).crashes, 0);
}
