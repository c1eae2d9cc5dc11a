//! What leaves, and what comes back.

use oratory_contract::{
    Asked, Grant, Labels, Limits, Message, Permit, Prepared, Receives, Role, Wanted,
};

use super::{Masked, mask};
use crate::Names;

fn masked(texts: &[&str], receives: Receives) -> (Masked, Names) {
    let messages = texts.iter().map(|text| Message::new(Role::User, *text)).collect();
    let asked = Asked {
        limits: Limits { stop: vec!["a@example.org".to_owned()], ..Limits::default() },
        ..Asked::new("tests".into(), Wanted::Any, messages)
    };
    let grant = Grant { place: "cloud".into(), receives };
    let permit = Permit::new(Labels::default(), vec![grant.clone()], Vec::new());
    mask(Prepared::new(asked, &permit), &grant)
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
