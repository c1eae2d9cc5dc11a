//! What is private leaves in no dialect, wherever in a request it stands, and comes back restored.
//!
//! Masking itself is tried in `oratory-privacy`; here it is the bytes on the wire that count.

use oratory_contract::{
    Asked, Call, Chunk, Clearance, Delivery, Drawer, Grant, Labels, Message, Permit, Prepared,
    Receives, Role, Sensitivity, Tool,
};
use oratory_fakes::Provider;
use oratory_privacy::{Custom, Found, Masked, Names, RemotePlace};
use oratory_remote::{Access, Config, Dialect};

use crate::canned::{events, success, whole};
use crate::place::{asked, config, hear, open};

/// Returns a request that is about somebody, in every field that dialects have.
fn about_somebody(delivery: Delivery) -> Asked {
    let mut asked = asked("My name is Sarah Miller. What is it like there?", delivery);
    let call = Call {
        id: "sarah.miller@example.org".to_owned(),
        name: "weather".to_owned(),
        arguments: "{\"who\":\"Sarah Miller\",\"mail\":\"sarah.miller@example.org\"}".to_owned(),
    };
    asked.messages.extend([
        Message { calls: vec![call], ..Message::new(Role::Assistant, "For Sarah Miller:") },
        Message {
            answers: Some("sarah.miller@example.org".to_owned()),
            ..Message::new(Role::Tool, "{\"told\":\"Dear Sarah Miller, it is warm.\"}")
        },
    ]);
    asked.tools.offered = vec![Tool {
        name: "weather".to_owned(),
        description: Some("Tells Sarah Miller the weather.".to_owned()),
        parameters: "{\"type\":\"object\",\"properties\":{\"who\":{\"type\":\"string\",\
                     \"description\":\"such as Sarah Miller\",\
                     \"enum\":[\"Sarah Miller\",\"sarah.miller@example.org\"]}}}"
            .to_owned(),
        strict: false,
    }];
    asked
}

fn masked(asked: Asked) -> (Masked, Names) {
    let grant = Grant { place: "lab".into(), receives: Receives::Masked };
    let permit = Permit::new(Labels::default(), vec![grant.clone()], Vec::new());
    let prepared = Prepared::new(asked, &permit);
    let (custom, found) = (Custom::none(), Found::default());
    oratory_privacy::mask(prepared, &grant, custom, &found, &mut Drawer::default())
}

/// Returns an answer that calls a tool for whoever it was told of.
fn answer(dialect: Dialect, delivery: Delivery) -> Vec<u8> {
    let body = match delivery {
        Delivery::Whole => whole(dialect),
        Delivery::Stream => events(dialect).concat(),
    };
    // Frames have lengths and checksums; there, only the whole answer names somebody.
    if dialect == Dialect::Bedrock && delivery == Delivery::Stream {
        return body;
    }
    let text = String::from_utf8(body).expect("it is text");
    text.replace("Oslo", "<PERSON_1>").into_bytes()
}

#[tokio::test]
async fn nothing_private_leaves_in_any_dialect_and_calls_come_back_restored() {
    for dialect in Dialect::ALL {
        for delivery in [Delivery::Whole, Delivery::Stream] {
            let body = answer(dialect, delivery);
            let provider = Provider::saying(success(dialect, delivery, &body)).await;
            let clearance =
                Clearance { as_is: Sensitivity::Internal, masked: Some(Sensitivity::Confidential) };
            let access = Access { dialect, ..Access::default() };
            let place = open(Config { access, clearance, ..config(provider.url()) });
            let (masked, names) = masked(about_somebody(delivery));
            let what = format!("{} {delivery:?}", dialect.as_str());
            let answer = place.run(&"echo".into(), masked).await.expect(&what);
            let heard = hear(names.restore(answer)).await;
            let sent = provider.received().concat();
            assert!(sent.contains("<PERSON_1>") && sent.contains("<EMAIL_1>"), "{what}: {sent}");
            for private in ["Sarah", "sarah", "Miller", "miller"] {
                assert!(!sent.contains(private), "{what}: {private} is in {sent}");
            }
            let arguments = heard.rest.iter().map(|chunk| match chunk {
                Chunk::Call(part) => part.arguments.as_str(),
                _ => "",
            });
            let arguments: String = arguments.collect();
            let framed = dialect == Dialect::Bedrock && delivery == Delivery::Stream;
            let city = if framed { "Oslo" } else { "Sarah Miller" };
            assert_eq!(arguments, format!("{{\"city\":\"{city}\"}}"), "{what}");
        }
    }
}
