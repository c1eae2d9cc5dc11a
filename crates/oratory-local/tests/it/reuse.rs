//! What was computed is not computed again, in every kind of memory: plain, recurrent, windowed.
//!
//! With models of true shapes and random weights: what they say means nothing, but a state that
//! was cut or copied wrongly makes them say something else.

use oratory_contract::{Message, Role};
use oratory_local::shapes;

use crate::house::{House, question};

const FAMILIES: [&str; 6] = [
    "tiny-llama",
    "tiny-qwen35",
    "tiny-qwen3next",
    "tiny-gemma3",
    "tiny-gpt-oss",
    "tiny-deepseek2",
];

/// With random weights it makes something else of the smallest difference in rounding, as comes
/// from computing the same tokens in other batches; so only equal batches can be compared.
const UNSTEADY: &str = "tiny-gemma3n";

fn house(lanes: u32) -> House {
    let house = House::with(&[], |config| {
        config.lanes = Some(lanes);
        config.guess = oratory_local::Guess::Never;
    });
    for name in FAMILIES.into_iter().chain([UNSTEADY]) {
        shapes::write(&shapes::find(name).unwrap(), &house.path(&format!("{name}.gguf"))).unwrap();
    }
    house.engine.rescan();
    house
}

fn asked(caller: &str, text: &str) -> oratory_contract::Asked {
    let mut asked = question(text);
    asked.caller = caller.into();
    asked.limits.max_tokens = Some(6);
    asked
}

#[tokio::test]
async fn another_question_about_the_same_text_reads_only_the_question() {
    let house = house(4);
    let text = "bababa bebaba bibaba ".repeat(120);
    for name in FAMILIES {
        house.hear(name, asked("one", &format!("{text} first"))).await.unwrap();
        let second = format!("{text} and now the second");
        let (said, done) = house.hear(name, asked("one", &second)).await.unwrap();
        let (fresh, unknown) = house.hear(name, asked("other", &second)).await.unwrap();
        assert_eq!(unknown.usage.cached, 0, "{name}");
        assert!(done.usage.cached * 10 > done.usage.input * 8, "{name}: {:?}", done.usage);
        assert_eq!(said, fresh, "{name}");
    }
}

#[tokio::test]
async fn conversations_that_take_turns_on_one_lane_are_all_remembered() {
    let house = house(1);
    for name in FAMILIES {
        let begin =
            |caller: &str| asked(caller, &format!("{caller} {}", "bababa bebaba ".repeat(60)));
        let mut answers = Vec::new();
        for caller in ["one", "two", "three"] {
            answers.push(house.hear(name, begin(caller)).await.unwrap().0);
        }
        for (caller, answer) in ["one", "two", "three"].into_iter().zip(answers) {
            let mut next = begin(caller);
            next.messages.push(Message::new(Role::Assistant, answer));
            next.messages.push(Message::new(Role::User, "bibaba?"));
            let (_, done) = house.hear(name, next).await.unwrap();
            let begun = done.usage.input / 2;
            assert!(done.usage.cached > begun, "{name} forgot {caller}: {:?}", done.usage);
        }
    }
}

#[tokio::test]
async fn the_same_question_again_is_answered_from_what_was_kept_and_says_the_same() {
    // One lane, so that the first state has to make way for the second and is brought back.
    let house = house(1);
    let text = "bababa bebaba bibaba ".repeat(60);
    for name in FAMILIES.into_iter().chain([UNSTEADY]) {
        let (first, fresh) = house.hear(name, asked("one", &text)).await.unwrap();
        house.hear(name, asked("two", &text.repeat(2))).await.unwrap();
        let (again, done) = house.hear(name, asked("one", &text)).await.unwrap();
        assert_eq!(fresh.usage.cached, 0, "{name}");
        assert!(done.usage.cached * 10 > done.usage.input * 8, "{name}: {:?}", done.usage);
        assert_eq!(first, again, "{name}");
    }
}
