//! What leaves, and what comes back.

use oratory_contract::{
    Asked, Drawer, Grant, Labels, Limits, Message, Permit, Prepared, Receives, Role, Wanted,
};

use super::{Masked, mask};
use crate::{Custom, Found, Names};

fn masked(texts: &[&str], receives: Receives) -> (Masked, Names) {
    masked_with(texts, &["a@example.org"], receives)
}

fn masked_with(texts: &[&str], stops: &[&str], receives: Receives) -> (Masked, Names) {
    let messages = texts.iter().map(|text| Message::new(Role::User, *text)).collect();
    let stop = stops.iter().map(|stop| (*stop).to_owned()).collect();
    let asked = Asked {
        limits: Limits { stop, ..Limits::default() },
        ..Asked::new("tests".into(), Wanted::Any, messages)
    };
    let grant = Grant { place: "cloud".into(), receives };
    let permit = Permit::new(Labels::default(), vec![grant.clone()], Vec::new());
    mask(
        Prepared::new(asked, &permit),
        &grant,
        Custom::none(),
        &Found::default(),
        &mut Drawer::default(),
    )
}

fn contents(masked: &Masked) -> Vec<&str> {
    masked.asked().messages.iter().map(|message| message.content.as_str()).collect()
}

#[test]
fn private_spans_are_replaced_everywhere_and_consistently() {
    let (masked, names) =
        masked(&["I am a@example.org.", "Not b@example.org; a@example.org!"], Receives::Masked);
    assert_eq!(contents(&masked), ["I am <EMAIL_1>.", "Not <EMAIL_2>; <EMAIL_1>!"]);
    assert_eq!(masked.asked().limits.stop, ["<EMAIL_1>"]);
    assert_eq!(masked.spans(), 4);
    assert_eq!(names.restored("Dear <EMAIL_2>, <EMAIL_1>"), "Dear b@example.org, a@example.org");
}

#[test]
fn a_surrogate_never_means_what_the_text_already_says() {
    let (masked, names) = masked(&["<EMAIL_1> is literal, x@example.org is not"], Receives::Masked);
    assert_eq!(contents(&masked), ["<EMAIL_1> is literal, <EMAIL_2> is not"]);
    assert_eq!(names.restored("<EMAIL_1> <EMAIL_2>"), "<EMAIL_1> x@example.org");
}

#[test]
fn a_place_cleared_for_the_original_gets_the_original() {
    let (masked, _) = masked(&["I am a@example.org."], Receives::AsIs);
    assert_eq!(contents(&masked), ["I am a@example.org."]);
    assert_eq!(masked.spans(), 0);
}

#[test]
fn people_are_masked_everywhere_and_restored() {
    let texts = [
        "My name is Sarah Miller. I was born on 12 July 1981.",
        "Dear Sarah Miller, yes. (Miller, not Muller.)",
    ];
    let (masked, names) = masked(&texts, Receives::Masked);
    let sent = contents(&masked).join("\n");
    for private in ["Sarah", "Miller,", "1981"] {
        assert!(!sent.contains(private), "{private} is in {sent}");
    }
    assert!(sent.contains("My name is <PERSON_1>."), "{sent}");
    assert!(sent.contains("Dear <PERSON_1>, yes."), "{sent}");
    assert_eq!(names.restored("Hello <PERSON_1>"), "Hello Sarah Miller");
    assert_eq!(names.restored(&sent), texts.join("\n"));
}

#[test]
fn what_was_masked_holds_nothing_private_any_more() {
    let (masked, _) = masked(
        &[
            "Dr. Anna Berg (Clinic North, Leeds) treats Peter Falk of 3 Mill Lane for asthma; call 07700 900123.",
        ],
        Receives::Masked,
    );
    for text in contents(&masked) {
        assert_eq!(crate::labels(text), None, "{text}");
        assert!(!text.contains("Leeds"), "a town beside a person helps to tell who: {text}");
    }
}

#[test]
fn places_and_companies_alone_are_what_an_answer_is_about() {
    let text = "What is the capital of France, and where is Microsoft?";
    let (masked, _) = masked_with(&[text], &[], Receives::Masked);
    assert_eq!(contents(&masked), [text]);
}
