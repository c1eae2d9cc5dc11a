//! What somebody who calls the tagger would notice: what it finds, and that nothing upsets it.

use std::sync::LazyLock;
use std::time::Instant;

use super::{Kind, Span, Tagger};

static WEIGHTS: &[u8] = include_bytes!("../../../../brains/tagger.bin");
static TAGGER: LazyLock<Tagger<'static>> =
    LazyLock::new(|| Tagger::open(WEIGHTS).expect("the weights in brains are whole"));

fn found(text: &str) -> Vec<(Kind, &str)> {
    TAGGER.find(text).into_iter().map(|span| (span.kind, &text[span.range])).collect()
}

/// Says that spans are in order, apart, and at the bounds of characters.
fn sound(text: &str, spans: &[Span]) {
    let mut end = 0;
    for span in spans {
        assert!(span.range.start >= end && span.range.start < span.range.end);
        assert!(text.get(span.range.clone()).is_some(), "{:?} splits a character", span.range);
        assert!((0.0..=1.0).contains(&span.score));
        end = span.range.end;
    }
}

#[test]
fn people_places_and_numbers_are_found_in_a_letter() {
    let text = "Dear Mrs Okonkwo,\n\nmy name is Sarah Miller and I live at 14 Larkspur Road, \
                Otley LS21 3QD. I was born on 12 July 1981. My account number is 48813297.";
    let all = found(text);
    for wanted in [
        (Kind::Person, "Okonkwo"),
        (Kind::Person, "Sarah Miller"),
        (Kind::Address, "14 Larkspur Road, Otley LS21 3QD"),
        (Kind::BirthDate, "12 July 1981"),
        (Kind::Account, "48813297"),
    ] {
        assert!(all.contains(&wanted), "{wanted:?} is not in {all:?}");
    }
}

#[test]
fn names_are_found_in_other_languages_and_in_small_letters() {
    for (text, name) in [
        ("Sehr geehrte Frau Wiedemann, vielen Dank für Ihren Brief.", "Wiedemann"),
        ("Madame Josiane Perrot souffre de migraines.", "Josiane Perrot"),
        ("Ayer hablé con Ximena Quiroga de la clínica.", "Ximena Quiroga"),
        ("we met janet on monday, her brother kofi was ill", "kofi"),
    ] {
        assert!(found(text).contains(&(Kind::Person, name)), "{name}: {:?}", found(text));
    }
}

#[test]
fn what_is_private_is_found_in_forms_and_records() {
    let json = r#"{"id": 7, "firstName": "Fatima", "city": "Rotterdam", "status": "open"}"#;
    assert_eq!(found(json), [(Kind::Person, "Fatima"), (Kind::Place, "Rotterdam")]);
    let table = "name,birth_date,city\nAnna Berg,1980-02-01,Ulm\nPeter Falk,1975-11-30,Bonn";
    let people = found(table).into_iter().filter(|(kind, _)| *kind == Kind::Person).count();
    assert_eq!(people, 2, "{:?}", found(table));
}

#[test]
fn ordinary_prose_code_and_numbers_hold_nothing() {
    for text in [
        "Please install the update and restart the server. It may take 10 minutes.",
        "fn add(left: usize, right: usize) -> usize {\n    left + right\n}",
        "for (int i = 0; i < 10; i++) { total[i] = total[i - 1] * 2; }",
        "The sum of 17, 23 and 1024 is 1064; the mean is 354.67.",
        "SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY 2 DESC LIMIT 10;",
        "Write a poem about autumn, and a function that sorts a list.",
        "Die Rechnung enthält 25 Seiten und die Mehrwertsteuer.",
        "",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_long_text_is_read_like_its_parts() {
    let line = "The order is late. Please call Sarah Miller in Leeds about it.\n";
    let text = line.repeat(500);
    let expected = found(line).len();
    assert!(expected >= 2);
    let spans = TAGGER.find(&text);
    sound(&text, &spans);
    assert_eq!(spans.len(), expected * 500, "something is lost where blocks meet");
}

#[test]
fn nothing_upsets_it_and_time_stays_linear() {
    let hostile = [
        "a",
        "A",
        "é",
        "🦀",
        "1",
        " ",
        "\n",
        "\t",
        "-",
        "\u{301}",
        "\u{202e}",
        "漢",
        "a,",
        "a:",
        "Anna ",
        "St. ",
        "<a>",
        "|x",
        "New York ",
        "\u{0}",
        "ß\u{ad}",
        "1-",
        "A\u{3000}",
    ];
    for unit in hostile {
        let text = unit.repeat(1_000_000 / unit.len());
        let started = Instant::now();
        sound(&text, &TAGGER.find(&text));
        // With the square of its length it would be hours.
        assert!(started.elapsed().as_secs() < 20, "{unit:?} took too long");
    }
}

#[test]
fn a_damaged_tagger_is_refused() {
    let mut damaged = WEIGHTS.to_vec();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    assert!(Tagger::open(&damaged).is_err());
    assert!(Tagger::open(&WEIGHTS[..last]).is_err());
}
