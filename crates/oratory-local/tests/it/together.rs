//! Several conversations at once: nobody waits for another's long prompt, slow reader or crash.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use oratory_contract::FailureKind;
use oratory_local::Guess;
use oratory_local::story::Story;

use crate::house::{AGES, House, endless, question, read};

fn short() -> oratory_contract::Asked {
    let mut asked = question("Go on");
    asked.limits.max_tokens = Some(3);
    asked
}

#[tokio::test]
async fn four_are_answered_side_by_side_and_each_says_what_it_says_alone() {
    let house = House::new();
    let texts = ["One", "Two is longer", "Three", "And a fourth that is longer still"];
    let mut alone = Vec::new();
    for text in texts {
        alone.push(house.hear("mini", question(text)).await.unwrap().0);
    }
    let asked = texts.map(|text| {
        let mut asked = question(text);
        asked.caller = text.into();
        house.hear("mini", asked)
    });
    let together = futures_util::future::join_all(asked).await;
    let together: Vec<String> = together.into_iter().map(|answer| answer.unwrap().0).collect();
    assert_eq!(together, alone);
}

#[tokio::test]
async fn a_short_question_is_answered_beside_an_endless_answer() {
    let house = House::with(&[("endless", endless())], |_| ());
    let mut running = house.ask("endless", question("Go")).await.unwrap();
    running.chunks.next().await.unwrap().unwrap();
    tokio::time::timeout(AGES, house.hear("endless", short())).await.unwrap().unwrap();
    running.chunks.next().await.unwrap().unwrap();
    assert_eq!(house.worker("endless").running, 1);
}

#[tokio::test]
async fn a_long_prompt_does_not_hold_up_a_short_one() {
    let slow = Story { layers: 256, context: 2048, ..endless() };
    let house = House::with(&[("slow", slow)], |_| ());
    house.hear("slow", short()).await.unwrap();
    let began = Instant::now();
    let long = async {
        let mut asked = question(&"word ".repeat(350));
        asked.limits.max_tokens = Some(1);
        house.hear("slow", asked).await.unwrap();
        began.elapsed()
    };
    let beside = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        house.hear("slow", short()).await.unwrap();
        began.elapsed()
    };
    let (long, beside) = tokio::join!(long, beside);
    assert!(beside < long, "the short one took {beside:?}, the long one {long:?}");
}

#[tokio::test]
async fn a_reader_who_does_not_read_holds_up_nobody_else() {
    let house = House::with(&[("endless", endless())], |_| ());
    let unread = house.ask("endless", question("Go")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..5 {
        tokio::time::timeout(AGES, house.hear("endless", short())).await.unwrap().unwrap();
    }
    let mut unread = unread.chunks;
    let mut heard = 0;
    while let Some(Ok(_)) = unread.next().await {
        heard += 1;
        if heard == 300 {
            return;
        }
    }
    panic!("the unread answer broke off after {heard} chunks");
}

#[tokio::test]
async fn callers_take_turns() {
    let house = House::with(&[("endless", endless())], |config| config.lanes = Some(1));
    let mut running = house.ask("endless", question("Go")).await.unwrap();
    running.chunks.next().await.unwrap().unwrap();
    let from = |caller: &str| {
        let mut asked = short();
        asked.caller = caller.into();
        asked
    };
    let order = std::sync::Mutex::new(Vec::new());
    let ask = async |caller: &'static str, after: u64| {
        tokio::time::sleep(Duration::from_millis(after)).await;
        house.hear("endless", from(caller)).await.unwrap();
        order.lock().unwrap().push(caller);
    };
    let free = async {
        house.until("endless", |worker| worker.waiting == 4).await;
        drop(running);
    };
    tokio::join!(ask("many", 0), ask("many", 20), ask("many", 40), ask("one", 60), free);
    let order = order.into_inner().unwrap();
    let place = order.iter().position(|caller| *caller == "one").unwrap();
    assert!(place <= 1, "{order:?}");
}

#[tokio::test]
async fn models_share_the_memory_and_the_one_unused_longest_goes() {
    let large = Story { width: 512, ..Story::default() };
    let models = [("one", large.clone()), ("two", large)];
    let house = House::with(&models, |config| config.memory = Some(90 << 20));
    for model in ["one", "two", "one"] {
        house.hear(model, question("Hi")).await.unwrap();
        let there: Vec<_> =
            house.engine.workers().into_iter().filter(|worker| worker.pid.is_some()).collect();
        assert_eq!(there.len(), 1, "{there:?}");
        assert_eq!(there[0].model.as_str(), model);
    }
    let house = House::with(&[], |config| config.memory = Some(1 << 20));
    let failure = house.hear("mini", question("Hi")).await.unwrap_err();
    assert!(failure.message.contains("GiB of memory"), "{failure}");
}

#[tokio::test]
async fn a_model_goes_when_it_has_had_nothing_to_do() {
    let house = House::new();
    let mut asked = question("Hi");
    asked.at_home.keep = Some(Duration::ZERO);
    house.hear("mini", asked).await.unwrap();
    house.until("mini", |worker| worker.pid.is_none()).await;
    assert_eq!(house.worker("mini").crashes, 0);
    house.hear("mini", question("Hi")).await.unwrap();
    assert!(house.worker("mini").pid.is_some());
    house.engine.unload(&"mini".into()).await;
    assert_eq!(house.worker("mini").pid, None);
}

#[tokio::test]
async fn a_request_that_ended_two_workers_is_refused_by_name() {
    let house = House::with(&[("endless", endless())], |_| ());
    for _ in 0..2 {
        let mut answer = house.ask("endless", question("Poison")).await.unwrap();
        answer.chunks.next().await.unwrap().unwrap();
        let pid = i32::try_from(house.worker("endless").pid.unwrap()).unwrap();
        // SAFETY: sends a signal to a worker that this test's own engine started and still holds.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGABRT) }, 0);
        assert_eq!(read(answer).await.unwrap_err().kind, FailureKind::Broken);
    }
    let failure = house.ask("endless", question("Poison")).await.unwrap_err();
    assert!(failure.message.contains("has ended two engine processes"), "{failure}");
    house.hear("endless", short()).await.unwrap();
}

#[tokio::test]
async fn guessing_ahead_changes_nothing_that_is_said() {
    let mut answers = Vec::new();
    for guess in [Guess::Always, Guess::Never] {
        let house = House::with(&[("endless", endless())], |config| config.guess = guess);
        for temperature in [0.0, 1.0] {
            let mut asked = question("Go");
            asked.limits.max_tokens = Some(200);
            asked.sampling.temperature = Some(temperature);
            asked.sampling.seed = Some(5);
            answers.push(house.hear("endless", asked).await.unwrap());
        }
    }
    assert_eq!(answers[..2], answers[2..]);
}
