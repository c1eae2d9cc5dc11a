//! Limits: queues, deadlines, contexts, and requests that make no sense.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use oratory_contract::{At, FailureKind, Finish, Retry};
use oratory_local::story::Story;

use crate::house::{AGES, House, endless, question, read};

#[tokio::test]
async fn a_full_queue_says_so_at_once_and_when_to_come_back() {
    let house = House::with(&[("endless", endless())], |config| {
        (config.queue, config.lanes) = (2, Some(1));
    });
    let mut running = house.ask("endless", question("Go")).await.unwrap();
    running.chunks.next().await.unwrap().unwrap();
    let one = house.ask("endless", question("Go"));
    let two = house.ask("endless", question("Go"));
    let full = async {
        house.until("endless", |worker| worker.waiting == 2).await;
        let start = Instant::now();
        let failure = house.ask("endless", question("Go")).await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(2));
        failure
    };
    tokio::select! {
        _ = one => panic!("answered out of turn"),
        _ = two => panic!("answered out of turn"),
        failure = full => {
            assert_eq!((failure.kind, &failure.at), (FailureKind::Overloaded, &At::Local));
            assert!(matches!(failure.retry, Retry::After(time) if time >= Duration::from_secs(1)));
        }
    }
    // Those two have left, and with them their places are free.
    drop(running);
    let mut asked = question("Go");
    asked.limits.max_tokens = Some(2);
    house.hear("endless", asked).await.unwrap();
}

#[tokio::test]
async fn a_deadline_ends_an_answer_that_is_under_way() {
    let house = House::with(&[("endless", endless())], |_| ());
    let mut warm = question("Go");
    warm.limits.max_tokens = Some(1);
    house.hear("endless", warm).await.unwrap();
    let mut asked = question("Go");
    asked.limits.time = Duration::from_millis(700);
    let answer = house.ask("endless", asked).await.unwrap();
    let failure = tokio::time::timeout(AGES, read(answer)).await.unwrap().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.message.contains("700 ms"), "{failure}");
    assert_eq!(house.worker("endless").crashes, 0);
}

#[tokio::test]
async fn a_deadline_ends_a_request_that_still_waits() {
    let house = House::with(&[("endless", endless())], |config| config.lanes = Some(1));
    let mut running = house.ask("endless", question("Go")).await.unwrap();
    running.chunks.next().await.unwrap().unwrap();
    let mut asked = question("Go");
    asked.limits.time = Duration::from_millis(300);
    let failure = house.ask("endless", asked).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
}

#[tokio::test]
async fn a_deadline_is_kept_for_a_reader_who_does_not_read() {
    let house = House::with(&[("endless", endless())], |_| ());
    let mut asked = question("Go");
    asked.limits.time = Duration::from_secs(3);
    let unread = house.ask("endless", asked).await.unwrap();
    let mut short = question("Go");
    short.limits.max_tokens = Some(2);
    tokio::time::timeout(AGES, house.hear("endless", short)).await.unwrap().unwrap();
    let failure = read(unread).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_names_both_numbers() {
    let house = House::new();
    let failure = house.hear("mini", question(&"0123456789".repeat(300))).await.unwrap_err();
    assert_eq!((failure.kind, &failure.at), (FailureKind::TooLong, &At::Caller));
    assert!(failure.message.contains("2048"), "{failure}");
    let numbers = failure.message.split(|letter: char| !letter.is_ascii_digit());
    let prompt: u32 = numbers.filter_map(|number| number.parse().ok()).next().unwrap();
    assert!((3000..3100).contains(&prompt), "{failure}");
    house.hear("mini", question("Hi")).await.unwrap();
}

#[tokio::test]
async fn an_answer_ends_in_length_where_the_context_ends() {
    let story = Story { layers: 1, context: 64, ..endless() };
    let house = House::with(&[("short", story)], |_| ());
    let (text, done) = house.hear("short", question("Go")).await.unwrap();
    assert_eq!(done.finish, Finish::Length);
    // The last token needs no place: nothing follows it.
    assert_eq!(done.usage.input + done.usage.output, 65, "{done:?}");
    assert!(text.starts_with("round and around it goes\nround"), "{text}");
}

#[tokio::test]
async fn an_unknown_model_names_the_nearest() {
    let house = House::new();
    let failure = house.hear("mimi", question("Hi")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::UnknownModel);
    assert!(failure.hint.unwrap().contains("mini"));
}

#[tokio::test]
async fn numbers_that_make_no_sense_are_refused_by_name() {
    let house = House::new();
    let mut asked = question("Hi");
    asked.sampling.frequency_penalty = Some(f32::NAN);
    let failure = house.hear("mini", asked).await.unwrap_err();
    assert_eq!((failure.kind, &failure.at), (FailureKind::Invalid, &At::Caller));
    assert!(failure.message.contains("frequency_penalty is NaN"), "{failure}");
}

#[tokio::test]
async fn a_model_put_into_the_folder_later_is_found() {
    let house = House::new();
    let story = Story { text: "I am new".into(), ..Story::default() };
    oratory_local::story::write(&house.path("late.gguf"), &story).unwrap();
    assert_eq!(house.hear("late", question("Hi")).await.unwrap().0, "I am new");
}

#[tokio::test]
async fn a_built_in_model_that_cannot_be_written_says_why() {
    let house = House::with(&[], |config| {
        config.built_in.as_mut().unwrap().0 = "/dev/null/mini".into();
    });
    let failure = house.hear("mini", question("Hi")).await.unwrap_err();
    assert!(failure.message.contains("cannot be written to /dev/null/mini"), "{failure}");
}
