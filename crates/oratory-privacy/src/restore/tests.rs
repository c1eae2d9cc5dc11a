//! Restoring must not depend on where a provider happens to cut its stream.

use futures_util::{FutureExt, StreamExt};
use oratory_contract::{Answer, Chunk, Done, Finish, Usage};

use super::Names;

const ANSWER: &str = "Dear <EMAIL_1>, card <CARD_1> < 5 and <EMAIL_10> <EMA";
const RESTORED: &str = "Dear a@example.org, card 4111111111111111 < 5 and z@example.org <EMA";

fn names() -> Names {
    let mut names = Names::default();
    names.add("<EMAIL_1>".to_owned(), "a@example.org".to_owned());
    names.add("<CARD_1>".to_owned(), "4111111111111111".to_owned());
    names.add("<EMAIL_10>".to_owned(), "z@example.org".to_owned());
    names
}

fn streamed(pieces: Vec<&str>) -> String {
    let done = Chunk::Done(Done { finish: Finish::Stop, usage: Usage::default() });
    let chunks = pieces.into_iter().map(|piece| Chunk::Text(piece.to_owned())).chain([done]);
    let answer = Answer {
        place: "cloud".into(),
        model: "m".into(),
        chunks: futures_util::stream::iter(chunks.map(Ok).collect::<Vec<_>>()).boxed(),
    };
    let restored: Vec<_> =
        names().restore(answer).chunks.collect().now_or_never().expect("nothing waits");
    assert!(matches!(restored.last(), Some(Ok(Chunk::Done(_)))), "the end stays the end");
    restored
        .into_iter()
        .filter_map(|chunk| match chunk.expect("no failure was put in") {
            Chunk::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

#[test]
fn a_stream_cut_at_any_two_places_is_restored_the_same() {
    for first in 0..=ANSWER.len() {
        for second in first..=ANSWER.len() {
            let pieces = vec![&ANSWER[..first], &ANSWER[first..second], &ANSWER[second..]];
            assert_eq!(streamed(pieces), RESTORED, "cut at {first} and {second}");
        }
    }
}

#[test]
fn text_that_cannot_become_a_surrogate_is_not_held_back() {
    let mut held = String::new();
    let chunks = names().step(&mut held, Ok(Chunk::Text("if a < b then <b>".to_owned())));
    assert_eq!(held, "");
    assert_eq!(chunks.len(), 1);
}
