//! What a person would expect to be found, and what not.

use super::{Kind, find, labels, shaped};

fn kinds(text: &str) -> Vec<(Kind, &str)> {
    shaped(text.as_bytes()).map(|finding| (finding.kind, &text[finding.span])).collect()
}

#[test]
fn e_mail_addresses_are_found_whole() {
    assert_eq!(
        kinds("Write to ada.lovelace+notes@mail.example.org, please."),
        [(Kind::Email, "ada.lovelace+notes@mail.example.org")]
    );
    assert_eq!(kinds("no address @ all, nor @handle or a@b"), []);
}

#[test]
fn cards_are_found_with_separators_and_only_with_a_check_digit_that_fits() {
    assert_eq!(kinds("card 4111 1111 1111 1111."), [(Kind::Card, "4111 1111 1111 1111")]);
    assert_eq!(kinds("card 5500-0000-0000-0004"), [(Kind::Card, "5500-0000-0000-0004")]);
    assert_eq!(kinds("amex 378282246310005"), [(Kind::Card, "378282246310005")]);
    assert_eq!(kinds("order 4111 1111 1111 1112"), []);
    assert_eq!(kinds("timestamp 1763683200000 and 12345678901234567890"), []);
}

#[test]
fn a_card_beside_other_numbers_is_still_found() {
    assert_eq!(kinds("4111 1111 1111 1111 12/29"), [(Kind::Card, "4111 1111 1111 1111")]);
    assert_eq!(kinds("12 4111111111111111"), [(Kind::Card, "4111111111111111")]);
}

#[test]
fn disguises_of_every_day_are_seen_through() {
    for whole in [
        "jörg.müller@exämple.org",
        "o'brien@example.org",
        "ada%40example.org",
        "ada\\u0040example.org",
        "ada＠example.org",
        &format!("{}@example.org", "long".repeat(30)),
    ] {
        assert_eq!(kinds(&format!("to {whole}, please")), [(Kind::Email, whole)]);
    }
    for card in
        ["4111\u{a0}1111\u{a0}1111\u{a0}1111", "4111–1111–1111–1111", "4111  1111\n1111/1111"]
    {
        assert_eq!(kinds(&format!("card {card}.")), [(Kind::Card, card)]);
    }
    assert_eq!(kinds("ada@example.org，谢谢"), [(Kind::Email, "ada@example.org")]);
}

#[test]
fn keys_are_found_by_their_published_shapes() {
    // Put together here, so that no scanner takes this file for a leak.
    let tail = "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d";
    for head in ["sk-", "X_sk-", "sk-ant-api03-", "ghp_", "npm_", "glpat-", "sk_live_", "AIza"] {
        let key = format!("{head}{tail}");
        assert_eq!(kinds(&format!("key={key}; go"))[0].0, Kind::ApiKey, "{head}");
    }
    let aws = format!("AK{}", "IAIOSFODNN7EXAMPLE");
    assert_eq!(kinds(&format!("id {aws} ok")), [(Kind::ApiKey, aws.as_str())]);
    assert_eq!(kinds("sk-learn is a library, and the ask-me-anything-about-anything thread"), []);
}

#[test]
fn a_private_key_is_found_from_begin_to_end() {
    let pem = format!("-----BEGIN {0}-----\nMIIB\nAAAA=\n-----END {0}-----", "RSA PRIVATE KEY");
    let text = format!("here:\n{pem}\nthanks");
    assert_eq!(kinds(&text), [(Kind::PrivateKey, pem.as_str())]);
}

#[test]
fn labels_join_over_everything_found() {
    assert_eq!(labels("nothing here"), None);
    let key = format!("gh{}", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d");
    let both = labels(&format!("{key} and a@example.org")).expect("two things are there");
    assert_eq!(both.to_string(), "secret+credentials+pii");
}

#[test]
fn finding_takes_linear_time_on_hostile_text() {
    let begin = format!("-----BEGIN {}-----\n", "PRIVATE KEY");
    for unit in ["1", "1 ", "4", "4 ", "a@a.", "eyJ", "sk-", "_", begin.as_str()] {
        let hostile = unit.repeat(4_000_000 / unit.len());
        let started = std::time::Instant::now();
        let _ = find(&hostile).len();
        // With the square of its length, it would be hours.
        assert!(started.elapsed().as_secs() < 20, "{unit:?} took too long");
    }
}
