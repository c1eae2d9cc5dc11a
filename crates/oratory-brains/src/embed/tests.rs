//! A small table made on the spot: what is alike stays alike, and damage is found.

use super::*;

const PIECES: [&str; 9] = ["[UNK]", "cat", "dog", "car", "pay", "##ing", "##s", "naive", "猫"];

/// Four numbers a piece: animals lie along the first, cars along the second.
fn rows() -> Vec<f32> {
    [
        [0.0, 0.0, 0.0, 0.1],
        [1.0, 0.0, 0.2, 0.0],
        [0.9, 0.1, -0.2, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.3, 0.0, 1.0],
        [0.0, 0.0, 0.0, 0.01],
        [0.0, 0.0, 0.01, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [1.0, 0.0, 0.2, 0.0],
    ]
    .concat()
}

fn bytes() -> Vec<u8> {
    pack(&PIECES, &rows(), 4).expect("a sound table")
}

fn embed() -> Embed {
    Embed::open(bytes().leak()).expect("just packed")
}

fn cut(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    Pieces::new(PIECES.to_vec()).cut(text, 100, |piece| found.push(piece));
    found
}

#[test]
fn words_are_cut_into_the_longest_known_pieces() {
    assert_eq!(cut("Cats PAYING, dogs"), [1, 6, 4, 5, 0, 2, 6]);
    assert_eq!(cut("naïve nai\u{308}ve"), [7, 7]);
    // A script without spaces: each character is a word.
    assert_eq!(cut("猫猫"), [8, 8]);
    assert_eq!(cut("catx"), [0]);
    assert!(cut(" \t\n\u{0}").is_empty());
}

#[test]
fn alike_texts_point_the_same_way() {
    let embed = embed();
    let likeness = |a: &str, b: &str| embed.vector(a).likeness(&embed.vector(b));
    assert!((likeness("cats", "cats") - 1.0).abs() < 1e-6);
    assert!(likeness("a cat", "the dog") > 0.9);
    assert!(likeness("cat", "car") < 0.1);
    assert_eq!(likeness("", "cat"), 0.0);
}

#[test]
fn what_is_rounded_stays_near_what_it_was() {
    let embed = embed();
    for (piece, row) in PIECES.iter().zip(rows().chunks_exact(4)).skip(1).take(4) {
        let length = row.iter().map(|number| number * number).sum::<f32>().sqrt();
        let vector = embed.vector(piece);
        for (found, known) in vector.numbers().iter().zip(row) {
            assert!((found - known / length).abs() < 0.08, "{piece}: {vector:?}");
        }
    }
}

#[test]
fn the_end_of_a_book_does_not_count_and_its_words_do_not_grow() {
    let embed = embed();
    let long = "cat ".repeat(MOST_PIECES) + &"car ".repeat(MOST_PIECES);
    assert!(embed.vector(&long).likeness(&embed.vector("cat")) > 0.9999);
    assert_eq!(cut(&"x".repeat(1_000_000)), [0]);
    assert_eq!(cut(&"\u{130}".repeat(1_000_000)), [0]);
}

#[test]
fn a_table_that_does_not_fit_itself_is_refused() {
    let mut damaged = bytes();
    *damaged.last_mut().expect("not empty") ^= 1;
    assert_eq!(Embed::open(damaged.leak()).err(), Some(ArtefactError::Damaged));
    let refused = |about: About, pieces: &[u8], scales: &[u8], rows: &[u8]| {
        let sections = [("pieces", pieces), ("scales", scales), ("rows", rows)];
        let bytes = write(KIND, VERSION, &about, &sections).expect("a sound container");
        Embed::open(bytes.leak()).err().map(|error| error.to_string())
    };
    let about = |pieces, dimensions| About { pieces, dimensions };
    assert_eq!(refused(about(2, 2), b"a\nb", &[0; 8], &[0; 2]), None);
    assert!(refused(about(3, 2), b"a\nb", &[0; 12], &[0; 3]).is_some());
    assert!(refused(about(2, 2), b"a\n\xff", &[0; 8], &[0; 2]).is_some());
    assert!(refused(about(2, 2), b"a\nb", &[0xff; 8], &[0; 2]).is_some());
    assert!(refused(about(2, 2), b"a\nb", &[0; 4], &[0; 2]).is_some());
    assert!(refused(about(2, 2), b"a\nb", &[0; 8], &[0; 3]).is_some());
    assert!(refused(about(2, 3), b"a\nb", &[0; 8], &[0; 3]).is_some());
    assert!(refused(about(usize::MAX, 2), b"a\nb", &[0; 8], &[0; 3]).is_some());
    assert!(refused(about(2, usize::MAX - 1), b"a\nb", &[0; 8], &[0; 3]).is_some());
}
