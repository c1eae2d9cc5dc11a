//! Guessing ahead: it changes how soon something is said, not what.
//!
//! Most models here have random weights: their numbers lie closer than any trained model's, which is
//! the hardest case, and they fall into loops, which is where there is something to guess.

use std::path::Path;

use futures_util::StreamExt;
use oratory_brains::shipped::MINI;
use oratory_contract::{Asked, Chunk};
use oratory_evals::everyday::{self, Part, Split, Task};
use oratory_local::shapes::{self, Shape, find, word};
use oratory_local::story::Story;
use oratory_local::{BuiltIn, Draft, Guess};

use crate::house::{House, question};

/// Tokens of each answer.
const WRITTEN: u32 = 40;

fn write(dir: &Path, name: &str, shape: &Shape) {
    shapes::write(shape, &dir.join(format!("{name}.gguf"))).unwrap();
}

/// Returns a prompt of words that made models know, some of them again and again.
fn prompt(number: u32) -> Asked {
    let mut state = number.wrapping_mul(0x9e37_79b9) ^ 0x1234_5678;
    let mut words = Vec::new();
    for _ in 0..12 + number % 24 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        words.push(word(state >> 16 & 0x1ff));
    }
    let again = words.clone();
    words.extend(again);
    let mut asked = question(&words.join(" "));
    asked.caller = format!("caller {number}").as_str().into();
    asked.limits.max_tokens = Some(WRITTEN);
    asked
}

/// Returns how many of the answers to so many prompts differ with guessing and without.
async fn different(name: &str, shape: &Shape, prompts: u32) -> u32 {
    let mut answers = Vec::new();
    for guess in [Guess::Always, Guess::Never] {
        let house = House::with(&[], |config| {
            config.guess = guess;
            config.lanes = Some(1);
        });
        write(house.dir.path(), name, shape);
        house.engine.rescan();
        let mut all = Vec::new();
        for number in 0..prompts {
            all.push(house.hear(name, prompt(number)).await.unwrap().0);
        }
        answers.push(all);
    }
    let pairs = answers[0].iter().zip(&answers[1]);
    pairs.filter(|(guessed, plain)| guessed != plain).count().try_into().unwrap()
}

#[tokio::test]
async fn a_thousand_greedy_answers_are_the_same_token_for_token() {
    // With 8 bits and one thread every number is the same however many tokens are computed at
    // once, so nothing may differ at all.
    for name in ["tiny-llama:Q8_0", "tiny-qwen3:Q8_0", "tiny-mistral:Q8_0"] {
        let found = different("made", &find(name).unwrap(), 200).await;
        assert_eq!(found, 0, "{name}: answers of 200 that differ");
    }
    // With 4 bits it is not, and numbers already in memory may tip a tie much later.
    for name in ["tiny-llama", "tiny-qwen3", "tiny-qwen3moe", "tiny-qwen35"] {
        let found = different(name, &find(name).unwrap(), 100).await;
        assert!(found <= 1, "{name}: {found} of 100 answers differ");
    }
}

/// A story that says nothing twice, told by a model of so many layers.
fn tale(layers: u32) -> Story {
    let words: Vec<String> = (0..120).map(|number| word(number * 7)).collect();
    Story { text: words.join(" "), ends: true, width: 32, layers, context: 2048 }
}

#[tokio::test]
async fn a_model_says_the_same_whoever_guesses_for_it() {
    let mut told = Vec::new();
    for draft in [Draft::Named("small".into()), Draft::Auto, Draft::Never] {
        let house = House::with(&[("large", tale(32)), ("small", tale(2))], |config| {
            config.guess = Guess::Always;
            config.draft = draft.clone();
        });
        let known = house.engine.known();
        let large = known.into_iter().find(|known| known.name.as_str() == "large").unwrap();
        let by = large.drafts.and_then(|drafts| drafts.by);
        assert_eq!(by.is_some(), draft != Draft::Never, "{by:?}");
        for temperature in [0.0, 1.0] {
            let mut asked = question("Go");
            asked.sampling.temperature = Some(temperature);
            asked.sampling.seed = Some(3);
            told.push(house.hear("large", asked).await.unwrap());
        }
    }
    assert_eq!(told[..2], told[4..], "named");
    assert_eq!(told[2..4], told[4..], "found");
}

#[tokio::test]
async fn layers_that_look_ahead_change_nothing_that_is_said() {
    // Random layers guess wrong nearly always, so nearly every state is taken back.
    let found = different("ahead", &find("tiny-qwen35-ahead").unwrap(), 60).await;
    assert!(found <= 1, "{found} of 60 answers differ");
}

/// Returns everything that is said to a question, thoughts included.
async fn all_said(house: &House, model: &str, asked: Asked) -> String {
    let mut answer = house.ask(model, asked).await.unwrap();
    let mut said = String::new();
    while let Some(chunk) = answer.chunks.next().await {
        match chunk.unwrap() {
            Chunk::Text(more) | Chunk::Thinking(more) => said.push_str(&more),
            Chunk::Begun(_) => {}
            Chunk::Done(done) => said.push_str(&format!(" ({} tokens)", done.usage.output)),
            other => panic!("{other:?} is no text"),
        }
    }
    said
}

/// Returns the first request of an everyday case that needs no tools.
fn everyday_question(number: u64) -> Asked {
    const TASKS: [Task; 5] =
        [Task::Copy, Task::Fields, Task::Normalise, Task::Translate, Task::Arithmetic];
    let case = everyday::case(TASKS[number as usize % TASKS.len()], Split::Held, number);
    let texts = case.parts.iter().filter_map(|part| match part {
        Part::System(text) | Part::User(text) => Some(text.as_str()),
        _ => None,
    });
    let mut asked = question(&texts.collect::<Vec<_>>().join("\n"));
    asked.limits.max_tokens = Some(60);
    asked
}

#[tokio::test]
async fn a_trained_model_says_the_same_to_a_thousand_everyday_questions() {
    let (_, bytes) = MINI[0];
    let mut said = Vec::new();
    for guess in [Guess::Always, Guess::Never] {
        let house = House::with(&[], |config| {
            config.guess = guess;
            config.lanes = Some(1);
            config.built_in.as_mut().unwrap().1 = vec![BuiltIn { name: "mini", bytes }];
        });
        let mut all = Vec::new();
        for number in 0..1000 {
            all.push(all_said(&house, "mini", everyday_question(number)).await);
        }
        said.push(all);
    }
    let pairs = said[0].iter().zip(&said[1]);
    let different: Vec<_> = pairs.filter(|(guessed, plain)| guessed != plain).collect();
    assert!(different.is_empty(), "{} differ, first {:?}", different.len(), different[0]);
}
