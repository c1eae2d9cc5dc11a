//! Finds out what a chat template understands, by showing it small conversations.
//!
//! Whether the output changes says more than any list of model names.

use std::collections::BTreeSet;

use oratory_contract::{Effort, Message, Role, Tool, Tools};

use super::Conversation;
use super::jinja::{Jinja, Values};
use super::turns::Talk;
use crate::speech::Style;

/// What a chat template understands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    /// It shows the model the tools on offer.
    pub(super) tools: bool,
    /// It shows the model which tools it called and what came of it.
    pub(super) calls: bool,
    /// It wants what a tool was given as text, not as an object.
    pub(super) text_arguments: bool,
    /// It insists on names of nine characters for calls.
    pub(super) short_ids: bool,
    /// The words it knows for how much to think.
    efforts: BTreeSet<&'static str>,
    /// Whether it knows a word for not thinking.
    none: bool,
}

const NAME: &str = "zephyr_probe";
const GIVEN: &str = "given_probe";
const CAME: &str = "came_probe";
const WORDS: [&str; 4] = ["none", "low", "medium", "high"];

impl Abilities {
    pub(super) fn of(jinja: &Jinja, source: &str) -> Self {
        let question = [Message::new(Role::User, "Hi")];
        let offered = tools();
        let shown = |messages: &[Message], arguments| {
            show(jinja, messages, &offered, arguments, None).unwrap_or_default()
        };
        let tells = |id: &str, arguments| {
            let prompt = shown(&called(id), arguments);
            [NAME, GIVEN, CAME].iter().all(|word| prompt.contains(word))
        };
        let (short_id, long_id) = ("probe0001", "call_probe_0123456789");
        let tells_text = |id| tells(id, Arguments::Text);
        let text_arguments = !tells(short_id, Arguments::Object) && tells_text(short_id);
        let arguments = if text_arguments { Arguments::Text } else { Arguments::Object };
        let (short, long) = (tells(short_id, arguments), tells(long_id, arguments));
        let efforts = WORDS.into_iter().filter(|word| {
            show(jinja, &question, &Tools::default(), Arguments::Object, Some(word)).is_some()
        });
        Self {
            tools: shown(&question, Arguments::Object).contains(NAME),
            calls: short || long,
            text_arguments,
            short_ids: short && !long,
            efforts: efforts.collect(),
            none: source.contains("'none'") || source.contains("\"none\""),
        }
    }

    /// Returns the word for an effort, or the nearest one that the template takes.
    pub(super) fn word_for(&self, effort: Effort) -> &'static str {
        let wishes: &[&'static str] = match effort {
            Effort::Off if self.none => &["none", "low", "medium", "high"],
            Effort::Off | Effort::Low => &["low", "medium", "high"],
            Effort::Medium => &["medium", "high", "low"],
            Effort::High => &["high", "medium", "low"],
        };
        let known = wishes.iter().find(|word| self.efforts.contains(*word));
        known.unwrap_or(&wishes[0])
    }
}

/// In which form a template is told what a tool was given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arguments {
    Object,
    Text,
}

fn show(
    jinja: &Jinja,
    messages: &[Message],
    tools: &Tools,
    arguments: Arguments,
    effort: Option<&'static str>,
) -> Option<String> {
    // One that loops takes too much each time; once is enough to know.
    if jinja.is_spent() {
        return None;
    }
    let asked = Conversation { messages, tools, effort: None, now: 0 };
    let mut talk = Talk::of(&asked, &Style::generic(), &mut str::to_owned);
    if arguments == Arguments::Text {
        talk.put_arguments_into_text();
    }
    jinja.render(Values { talk: &talk, effort, thinks: None, now: 0 }).ok()
}

fn tools() -> Tools {
    let parameters = r#"{"type": "object", "properties": {"key": {"type": "string"}}}"#;
    let tool = Tool {
        name: NAME.to_owned(),
        description: Some("A probe.".to_owned()),
        parameters: parameters.to_owned(),
        strict: false,
    };
    Tools { offered: vec![tool], ..Tools::default() }
}

fn called(id: &str) -> [Message; 3] {
    let call = oratory_contract::Call {
        id: id.to_owned(),
        name: NAME.to_owned(),
        arguments: serde_json::json!({ "key": GIVEN }).to_string(),
    };
    [
        Message::new(Role::User, "Hi"),
        Message { calls: vec![call], ..Message::new(Role::Assistant, "") },
        Message { answers: Some(id.to_owned()), ..Message::new(Role::Tool, CAME) },
    ]
}
