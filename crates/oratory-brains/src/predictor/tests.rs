//! What was learnt, as its users meet it: it tells kinds of requests apart, and is kept unharmed.
//!
//! Lessons are made up here, so that what is to be found in them is known.

use std::sync::Arc;

use super::*;
use crate::embed::Embed;
use crate::shipped::EMBED;

const SUBJECTS: [&str; 6] = ["the moon", "bread", "a violin", "glaciers", "Rome", "tax law"];

fn reader() -> Reader {
    Reader::new(Arc::new(Embed::open(EMBED).expect("what comes along is sound")))
}

fn models() -> Vec<String> {
    vec!["small".to_owned(), "large".to_owned()]
}

/// An easy question, or a sum that the small model cannot do.
fn question(number: usize) -> (String, [Option<f32>; 2]) {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    if number % 5 < 2 {
        let (one, other) = (number * 37 % 91 + 12, number * 53 % 83 + 11);
        let text =
            format!("A shop sells {one} things about {subject} at ${other} each. How much in all?");
        (text, [Some(0.0), Some(1.0)])
    } else {
        (format!("Tell me in a sentence what people like about {subject}."), [Some(1.0), Some(1.0)])
    }
}

fn learnt(reader: &Reader, count: usize) -> Predictor {
    let asked: Vec<_> = (0..count).map(question).collect();
    let read: Vec<Request> = asked.iter().map(|(text, _)| reader.read(text)).collect();
    let lessons = read.iter().zip(&asked);
    let lessons = lessons.map(|(request, (_, scores))| Lesson { request, scores });
    let lessons: Vec<Lesson<'_>> = lessons.collect();
    Predictor::learn(reader, &models(), &lessons).expect("the lessons are sound")
}

const SUM: &str = "A farm sells 48 eggs at $3 each and 12 hens at $9 each. How much in all?";
const CHAT: &str = "Say in one sentence what people like about Venice.";

#[test]
fn what_the_small_model_cannot_do_is_foretold_for_requests_never_seen() {
    // Fewer lessons than landmarks, and more.
    for count in [60, MOST_LANDMARKS + 300] {
        let predictor = learnt(&reader(), count);
        let (sum, chat) = (predictor.predict(SUM), predictor.predict(CHAT));
        assert!(sum.quality(0) < 0.35 && chat.quality(0) > 0.8, "{sum:?} {chat:?}");
        assert!(sum.quality(1) > 0.95 && chat.quality(1) > 0.95, "{sum:?} {chat:?}");
        assert!(sum.gain(0, 1) > 0.6 && chat.gain(0, 1) < 0.2, "{sum:?} {chat:?}");
    }
}

#[test]
fn more_is_doubted_far_from_all_lessons() {
    let predictor = learnt(&reader(), 200);
    let far = predictor.predict("Übersetze bitte: der Hund schläft unter dem Tisch");
    let near = predictor.predict(CHAT);
    assert!(near.nearby() > 5.0 * far.nearby(), "{near:?} {far:?}");
    assert!(near.doubt(1) < far.doubt(1), "{near:?} {far:?}");
}

#[test]
fn what_is_kept_foretells_to_the_bit_and_damage_is_noticed() {
    let reader = reader();
    let predictor = learnt(&reader, 80);
    let bytes = predictor.to_bytes().expect("it can be kept");
    let opened = Predictor::open(&bytes, &reader).expect("it is whole");
    assert_eq!(opened.models(), predictor.models());
    assert_eq!(opened.lessons(), 80);
    for text in [SUM, CHAT, ""] {
        assert_eq!(opened.predict(text), predictor.predict(text));
    }
    for at in (0..bytes.len()).step_by(bytes.len() / 50) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 16;
        assert!(Predictor::open(&bytes, &reader).is_err(), "byte {at}");
        assert!(Predictor::open(&bytes[..at], &reader).is_err(), "cut at {at}");
    }
}

#[test]
fn the_same_lessons_teach_the_same_to_the_bit() {
    let reader = reader();
    let bytes = || learnt(&reader, 70).to_bytes().expect("it can be kept");
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_model_that_answered_only_some_lessons_is_learnt_from_those() {
    let reader = reader();
    let asked: Vec<_> = (0..120).map(question).collect();
    let read: Vec<Request> = asked.iter().map(|(text, _)| reader.read(text)).collect();
    let scores: Vec<[Option<f32>; 2]> = asked
        .iter()
        .enumerate()
        .map(|(at, (_, [small, large]))| [*small, large.filter(|_| at % 2 == 0)])
        .collect();
    let lessons = read.iter().zip(&scores).map(|(request, scores)| Lesson { request, scores });
    let lessons: Vec<Lesson<'_>> = lessons.collect();
    let predictor = Predictor::learn(&reader, &models(), &lessons).expect("both are known");
    assert!(predictor.predict(SUM).gain(0, 1) > 0.6);
}

#[test]
fn lessons_that_teach_nothing_are_named() {
    let reader = reader();
    let request = reader.read("hello");
    let learn = |scores: &[Option<f32>]| {
        let lesson = Lesson { request: &request, scores };
        Predictor::learn(&reader, &models(), &[lesson, lesson]).map(|_| ())
    };
    assert_eq!(learn(&[Some(1.0), None]), Err(PredictorError::NoLessons("large".to_owned())));
    assert_eq!(learn(&[Some(1.0), Some(1.5)]), Err(PredictorError::Score(1)));
    assert_eq!(learn(&[Some(1.0), Some(f32::NAN)]), Err(PredictorError::Score(1)));
    let one = PredictorError::Scores { lesson: 1, found: 1, wanted: 2 };
    assert_eq!(learn(&[Some(1.0)]), Err(one));
    let none = Predictor::learn(&reader, &models(), &[]).map(|_| ());
    assert_eq!(none, Err(PredictorError::NoLessons("small".to_owned())));
    assert_eq!(learn(&[Some(1.0), Some(0.0)]), Ok(()));
}

#[test]
fn any_text_can_be_read_and_none_takes_long() {
    let predictor = learnt(&reader(), 40);
    let odd =
        ["", " ", "\0", "7", "1,,2..3", "((((", "(A) x\n(B) y", "'’'", "ß'ß", "猫が好き？", "🙂"];
    let long = ["x".repeat(2_000_000), "9".repeat(2_000_000), "é?\n".repeat(700_000)];
    for text in odd.into_iter().chain(long.iter().map(String::as_str)) {
        let estimate = predictor.predict(text);
        let sound = (0.0..=1.0).contains(&estimate.quality(0)) && estimate.doubt(0).is_finite();
        assert!(sound && estimate.gain(0, 1).is_finite(), "{estimate:?}");
    }
}

#[test]
fn the_same_sum_looks_the_same_in_digits_and_in_words() {
    let shape = |text: &str| {
        let tokens = words::tokens(text);
        shape::shape(&tokens, 0)
    };
    let asked = "Ann has {} pens and Bo has {} more than Ann. How many more pens has Bo?";
    let told = |numbers: [&str; 2]| {
        let [one, other] = numbers;
        shape(&asked.replacen("{}", one, 1).replacen("{}", other, 1))
    };
    let (digits, words) = (told(["12", "30"]), told(["twelve", "thirty"]));
    let apart = digits.iter().zip(&words).filter(|(one, other)| one != other).count();
    // Only the digits, the different words and their letters are not the same.
    assert!(apart <= 3, "{digits:?} {words:?}");
    // As long, of as many and as long words: only what is reckoned differs.
    for (one, other) in [
        ("Pay 250 now.", "Pay 205 now."),
        ("Take 3 cups, 2 jugs.", "Take 3, 2 cups jugs."),
        ("It took 3 days, then 4 weeks.", "It took 3 days, then 4 weeds."),
        ("He has as many.", "He has many as."),
        ("How many more are there?", "How many are there more?"),
        ("Eat 3. Eat 4. Eat them.", "Eat 3 4. Eat. Eat them."),
    ] {
        assert_ne!(shape(one), shape(other), "{one} {other}");
    }
}
