//! The sentence vectors that come with Oratory, as their users meet them.

use oratory_brains::embed::Embed;

static BYTES: &[u8] = include_bytes!("../../../../brains/embed.bin");

fn embed() -> Embed {
    Embed::open(BYTES).expect("what comes with Oratory is sound")
}

#[test]
fn the_same_question_in_other_words_is_nearest() {
    let embed = embed();
    let asked = embed.vector("How can I lose weight without going to the gym?");
    let same = embed.vector("ways of becoming slimmer with no fitness studio");
    for other in [
        "How can I open a bank account without going to the branch?",
        "Which gym in Hamburg is open on Sunday and has a pool for children?",
        "Write a function that sorts a list by weight.",
        "",
    ] {
        let (near, far) = (asked.likeness(&same), asked.likeness(&embed.vector(other)));
        assert!(near > far, "{other}: {near} against {far}");
    }
}

#[test]
fn accents_capitals_and_spaces_change_nothing() {
    let embed = embed();
    let plain = embed.vector("a cafe in zurich");
    assert_eq!(embed.vector("  A CAFÉ\tin Zürich \u{200b}"), plain);
}

#[test]
fn any_text_has_a_vector_and_none_takes_long() {
    let embed = embed();
    let odd = ["", "\u{0}\u{ffff}", "猫が好き", "🙂🙂🙂", "##", "[UNK]", "ﷺ", "e\u{301}\u{301}"];
    let long = ["x".repeat(3_000_000), "a b. ".repeat(600_000), "\u{1e9e}".repeat(1_000_000)];
    for text in odd.into_iter().chain(long.iter().map(String::as_str)) {
        let vector = embed.vector(text);
        let length: f32 = vector.numbers().iter().map(|number| number * number).sum();
        assert!(length == 0.0 || (length - 1.0).abs() < 1e-4, "{length}");
    }
}

#[test]
fn the_whole_is_within_its_eight_megabytes() {
    assert!(BYTES.len() <= 8_000_000, "{}", BYTES.len());
}
