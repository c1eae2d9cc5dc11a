//! What leaves, and what comes back.

use oratory_contract::{
    Answer, Asked, Call, CallHead, CallPart, Chunk, Drawer, Extras, Form, Grant, Labels, Limits,
    Message, Permit, Prepared, Receives, Role, Tool, ToolChoice, Wanted, Words,
};

use futures_util::{FutureExt, StreamExt};

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
    sealed(asked, receives)
}

fn sealed(asked: Asked, receives: Receives) -> (Masked, Names) {
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

/// A request with something private wherever text may stand.
fn private_everywhere() -> Asked {
    let call = Call {
        id: "for a@example.org".to_owned(),
        name: "mail".to_owned(),
        arguments: "{\"to\": \"Sarah Miller\", \"card\": 4111111111111111, \"n\": 1}".to_owned(),
    };
    let messages = vec![
        Message {
            name: Some("Sarah".to_owned()),
            ..Message::new(Role::User, "Write to Sarah Miller, a@example.org.")
        },
        Message {
            calls: vec![call],
            thinking: Some("She is a@example.org.".to_owned()),
            ..Message::new(Role::Assistant, "")
        },
        Message {
            answers: Some("for a@example.org".to_owned()),
            ..Message::new(Role::Tool, "sent to a@example.org")
        },
    ];
    let mut asked = Asked::new("tests".into(), Wanted::Any, messages);
    let parameters = "{\"properties\": {\"to\": {\"enum\": [\"a@example.org\", \"x\"], \
                      \"description\": \"Ask Sarah Miller\"}, \"b@example.org\": {}}}";
    asked.tools.offered = vec![Tool {
        name: "mail_a@example.org".to_owned(),
        description: Some("Writes for Sarah Miller.".to_owned()),
        parameters: parameters.to_owned(),
        strict: false,
    }];
    asked.tools.choice = ToolChoice::Named("mail_a@example.org".to_owned());
    asked.form = Form::Schema("{\"const\": \"a@example.org\"}".to_owned());
    asked
}

#[test]
fn nothing_private_is_left_anywhere_and_json_stays_json() {
    let (masked, names) = sealed(private_everywhere(), Receives::Masked);
    let asked = masked.asked();
    let all = format!("{asked:?}");
    for private in ["example.org", "Sarah", "Miller", "4111"] {
        assert!(!all.contains(private), "{private} is in {all}");
    }
    let call = &asked.messages[1].calls[0];
    assert_eq!(call.arguments, "{\"to\":\"<PERSON_1>\",\"card\":\"<CARD_1>\",\"n\":1}");
    assert_eq!(call.id, "call00001");
    assert_eq!(asked.messages[2].answers.as_deref(), Some("call00001"));
    let tool = &asked.tools.offered[0];
    let parameters = "{\"properties\":{\"to\":{\"enum\":[\"<EMAIL_1>\",\"x\"],\
                      \"description\":\"Ask <PERSON_1>\"},\"<EMAIL_3>\":{}}}";
    assert_eq!(tool.parameters, parameters);
    assert!(tool.name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_'), "{tool:?}");
    assert_eq!(asked.tools.choice, ToolChoice::Named(tool.name.clone()));
    assert_eq!(asked.form, Form::Schema("{\"const\":\"<EMAIL_1>\"}".to_owned()));
    assert_eq!(names.restored("<EMAIL_3> <CARD_1>"), "b@example.org 4111111111111111");
}

#[test]
fn a_call_comes_back_to_the_tool_and_the_person_that_were_meant() {
    let (masked, names) = sealed(private_everywhere(), Receives::Masked);
    let head = CallHead { id: "c".to_owned(), name: masked.asked().tools.offered[0].name.clone() };
    let part = |begins, arguments: &str| {
        Ok(Chunk::Call(CallPart { index: 0, begins, arguments: arguments.to_owned() }))
    };
    let said = vec![part(Some(head), ""), part(None, "{\"to\":\"<PER"), part(None, "SON_1>\"}")];
    let answer = Answer {
        place: "cloud".into(),
        model: "m".into(),
        chunks: futures_util::stream::iter(said).boxed(),
    };
    let heard: Vec<_> =
        names.restore(answer).chunks.collect().now_or_never().expect("nothing waits");
    let (mut name, mut arguments) = (String::new(), String::new());
    for chunk in heard {
        let Ok(Chunk::Call(part)) = chunk else { panic!("{chunk:?}") };
        name.extend(part.begins.map(|head| head.name));
        arguments.push_str(&part.arguments);
    }
    assert_eq!(
        (name.as_str(), arguments.as_str()),
        ("mail_a@example.org", "{\"to\":\"Sarah Miller\"}")
    );
}

#[test]
fn calls_are_numbered_whoever_receives_them() {
    let (masked, _) = sealed(private_everywhere(), Receives::AsIs);
    let asked = masked.asked();
    assert_eq!(asked.messages[1].calls[0].id, "call00001");
    assert_eq!(asked.messages[2].answers.as_deref(), Some("call00001"));
    assert_eq!(asked.tools.offered[0].name, "mail_a@example.org");
}

#[test]
fn what_nobody_here_reads_is_masked_too_and_comes_back() {
    let extras = Extras {
        words: Some(Words::Chat),
        fields: r#"{"note":{"ada@example.org":["to ada@example.org",7]}}"#.to_owned(),
        tools: vec![r#"{"type":"web","for":"bob@example.org"}"#.to_owned()],
        headers: vec![("openai-beta".to_owned(), "carol@example.org".to_owned())],
        ..Extras::default()
    };
    let asked = Asked { extras, ..Asked::new("tests".into(), Wanted::Any, Vec::new()) };
    assert!(asked.texts().any(|text| text.contains("ada@")));
    let (masked, names) = sealed(asked, Receives::Masked);
    let left = &masked.asked().extras;
    for text in masked.asked().texts() {
        assert!(!text.contains('@'), "{text}");
    }
    let fields: serde_json::Value = serde_json::from_str(&left.fields).expect("it is JSON still");
    let (name, list) = fields["note"].as_object().expect("as it was").iter().next().expect("one");
    assert_eq!(list[1], 7, "{fields}");
    assert_eq!(names.restored(&format!("For {name}.")), "For ada@example.org.");
    assert!(!left.fields.contains("ada") && names.restored(&left.fields).contains("to ada@"));
    assert!(names.restored(&left.headers[0].1).contains("carol@example.org"));
    assert!(names.restored(&left.tools[0]).contains("bob@example.org"));
}
