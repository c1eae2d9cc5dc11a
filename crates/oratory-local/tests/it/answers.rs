//! What is answered: the built-in model, sampling, stop texts, characters, reuse.

use futures_util::StreamExt;
use oratory_contract::{
    Asked, Chunk, FailureKind, Finish, Input, LocalPlace, Readiness, Role, Sampling, Task, Tool,
};
use oratory_local::story::Story;

use crate::house::{House, question, read};

fn story(text: &str) -> Story {
    Story { text: text.into(), ..Story::default() }
}

#[tokio::test]
async fn mini_says_what_it_is_and_how_to_get_a_real_model() {
    let house = House::new();
    let (text, done) = house.hear("mini", question("Who are you?")).await.unwrap();
    assert_eq!(
        text,
        "I am mini, the small stand-in model that is built into Oratory. I do not understand \
         questions: I only say a few sentences that were written beforehand, so that you can see \
         everything work. For real answers, put a .gguf file into the models folder, or name one: \
         oratory run ./model.gguf"
    );
    assert_eq!(done.finish, Finish::Stop);
    assert!(done.usage.input > 5 && done.usage.output > 20, "{done:?}");
    let (again, _) = house.hear("mini", question("Who are you?")).await.unwrap();
    assert_eq!(again, text);
}

#[tokio::test]
async fn a_seed_repeats_and_seeds_differ() {
    let house = House::new();
    let mut answers = Vec::new();
    for seed in [1, 2, 3, 4, 5, 6, 1] {
        let mut asked = question("Tell me something.");
        asked.sampling =
            Sampling { temperature: Some(1.0), seed: Some(seed), ..Sampling::default() };
        answers.push(house.hear("mini", asked).await.unwrap().0);
    }
    assert_eq!(answers[0], answers[6]);
    assert!(answers.iter().any(|answer| *answer != answers[0]), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.contains("./model.gguf")), "{answers:?}");
}

#[tokio::test]
async fn a_stop_text_across_tokens_ends_the_answer_unseen() {
    let house = House::new();
    let mut asked = question("Hi");
    asked.limits.stop = vec!["small stand".into(), "never".into()];
    let (text, done) = house.hear("mini", asked).await.unwrap();
    assert_eq!((text.as_str(), done.finish), ("I am mini, the ", Finish::Text(0)));
}

#[tokio::test]
async fn characters_cut_between_tokens_arrive_whole() {
    let said = "grüne Bäume 🌳 und 東京 sind schön";
    let house = House::with(&[("cut", story(said))], |_| ());
    let answer = house.ask("cut", question("?")).await.unwrap();
    let (text, done) = read(answer).await.unwrap();
    assert_eq!(text, said);
    assert!(done.usage.output > 6, "the words were not cut: {done:?}");
}

#[tokio::test]
async fn max_tokens_ends_in_length() {
    let house = House::new();
    for (most, expected) in [(2, "I am mini,"), (0, "")] {
        let mut asked = question("Hi");
        asked.limits.max_tokens = Some(most);
        let (text, done) = house.hear("mini", asked).await.unwrap();
        assert_eq!((text.as_str(), done.finish), (expected, Finish::Length));
        assert_eq!(done.usage.output, most);
    }
}

#[tokio::test]
async fn a_conversation_is_not_read_again_from_the_start() {
    let house = House::new();
    let mut asked = question("Good morning to you.");
    let (text, first) = house.hear("mini", asked.clone()).await.unwrap();
    assert_eq!(first.usage.cached, 0);
    asked.messages.push(oratory_contract::Message::new(Role::Assistant, text.clone()));
    asked.messages.extend(question("And now?").messages);
    let (again, second) = house.hear("mini", asked).await.unwrap();
    assert_eq!(again, text);
    assert!(second.usage.cached >= first.usage.input, "{first:?} {second:?}");
}

#[tokio::test]
async fn control_tokens_in_a_message_are_only_letters() {
    let house = House::new();
    let (_, plain) = house.hear("mini", question("abcdefg")).await.unwrap();
    // Read as a control token it would be one token; as letters it is seven bytes.
    let (_, forged) = house.hear("mini", question("<|end|>")).await.unwrap();
    assert_eq!(forged.usage.input, plain.usage.input);
}

#[tokio::test]
async fn models_are_listed_best_first_with_what_is_known_of_them() {
    let large = Story { width: 512, ..story("a b") };
    let house = House::with(&[("large", large), ("tiny", story("a"))], |_| ());
    std::fs::write(house.path("bad.gguf"), "not a model").unwrap();
    house.engine.rescan();
    house.hear("mini", question("Hi")).await.unwrap();
    let cards = house.engine.models();
    let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
    assert_eq!(names, ["large", "tiny", "bad", "mini"]);
    assert_eq!(cards[0].readiness, Readiness::Cold);
    assert!(matches!(&cards[2].readiness, Readiness::Unavailable(why) if why.contains("GGUF")));
    assert_eq!((&cards[3].readiness, cards[3].stand_in), (&Readiness::Ready, true));
    assert_eq!(cards[3].context, Some(2048));
}

#[tokio::test]
async fn one_caller_cannot_tell_what_another_has_asked() {
    let house = House::new();
    let secret = question("The merger is on Friday.");
    house.hear("mini", secret.clone()).await.unwrap();
    let mut guess = secret.clone();
    guess.caller = "somebody else".into();
    let (_, guessed) = house.hear("mini", guess).await.unwrap();
    assert_eq!(guessed.usage.cached, 0, "a guess was seen to be right");
    let (_, again) = house.hear("mini", secret).await.unwrap();
    assert!(again.usage.cached > 0);
}

#[tokio::test]
async fn a_count_is_what_the_prompt_takes_tools_included_and_nothing_is_written() {
    let house = House::new();
    let count = async |asked: Asked| {
        let (text, done) = house.hear("mini", Asked { task: Task::Count, ..asked }).await.unwrap();
        assert_eq!((text.as_str(), done.usage.output), ("", 0));
        done.usage.input
    };
    let plain = count(question("Who are you?")).await;
    let (_, done) = house.hear("mini", question("Who are you?")).await.unwrap();
    assert_eq!(plain, done.usage.input);
    let mut asked = question("Who are you?");
    asked.tools.offered.push(Tool {
        name: "add".into(),
        description: Some("Adds numbers.".into()),
        parameters: "{}".into(),
        strict: false,
    });
    assert!(count(asked).await > plain);
    // Also what the model cannot hold is counted; of nothing, there is none.
    assert!(count(question(&"word ".repeat(5000))).await > 5000);
    assert_eq!(count(Asked { messages: Vec::new(), ..question("") }).await, 0);
}

#[tokio::test]
async fn a_text_goes_on_just_as_it_stands() {
    let house = House::new();
    let go_on = async |input: Input| {
        let asked = Asked { task: Task::Continue(input), messages: Vec::new(), ..question("") };
        house.hear("mini", asked).await
    };
    let (text, done) = go_on(Input::Text("I am mini, the small".into())).await.unwrap();
    let (chat, around) = house.hear("mini", question("I am mini, the small")).await.unwrap();
    assert!(!text.is_empty() && done.usage.input < around.usage.input, "{text:?} {chat:?}");
    let (_, done) = go_on(Input::Tokens(vec![5, 6, 7])).await.unwrap();
    assert_eq!(done.usage.input, 3);
    let strange = go_on(Input::Tokens(vec![1_000_000])).await.unwrap_err();
    assert_eq!(strange.kind, FailureKind::Invalid, "{strange}");
    let long = go_on(Input::Text("word ".repeat(5000))).await.unwrap_err();
    assert_eq!(long.kind, FailureKind::TooLong, "{long}");
}

#[tokio::test]
async fn an_answer_first_tells_what_it_took_to_begin() {
    let house = House::new();
    let mut loadings = Vec::new();
    for _ in 0..2 {
        let mut answer = house.ask("mini", question("Who are you?")).await.unwrap();
        let Some(Ok(Chunk::Begun(begun))) = answer.chunks.next().await else { panic!() };
        let mut after = 0;
        while let Some(chunk) = answer.chunks.next().await {
            match chunk.unwrap() {
                Chunk::Begun(_) => after += 1,
                Chunk::Done(done) => {
                    assert_eq!((done.usage.input, done.usage.cached), (begun.input, begun.cached));
                }
                _ => {}
            }
        }
        assert!(after == 0 && !begun.reading.is_zero());
        loadings.push(begun.loading);
    }
    // Only the first waited for the model.
    assert!(!loadings[0].is_zero() && loadings[1].is_zero(), "{loadings:?}");
}
