//! What the two detectors find together, and which labels that gives.

use crate::{Kind, find, labels};

fn kinds(text: &str) -> Vec<(Kind, &str)> {
    find(text).into_iter().map(|finding| (finding.kind, &text[finding.span])).collect()
}

#[test]
fn patterns_and_names_are_found_side_by_side() {
    let text = "Sarah Miller <sarah@example.org> paid with 4111 1111 1111 1111.";
    assert_eq!(
        kinds(text),
        [
            (Kind::Person, "Sarah Miller"),
            (Kind::Email, "sarah@example.org"),
            (Kind::Card, "4111 1111 1111 1111"),
        ]
    );
}

#[test]
fn a_plain_question_carries_no_label() {
    for plain in [
        "What is the capital of France?",
        "Plan a trip to Japan in April.",
        "Compare Microsoft and Toyota.",
        "Write a function that sorts a list.",
        "I am looking for a job as a software engineer in Berlin.",
    ] {
        assert_eq!(labels(plain), None, "{plain}: {:?}", kinds(plain));
    }
}

#[test]
fn people_and_illnesses_are_confidential() {
    let of = |text: &str| labels(text).expect("something is private").to_string();
    assert_eq!(of("Please call Sarah Miller tomorrow."), "confidential+pii");
    assert_eq!(of("I live at 14 Larkspur Road, Otley LS21 3QD."), "confidential+pii");
    assert_eq!(of("She was diagnosed with breast cancer."), "confidential+health");
}
