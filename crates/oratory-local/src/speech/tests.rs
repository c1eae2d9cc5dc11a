//! What each family writes, read back in any pieces.

use oratory_contract::{Tool, Tools};
use proptest::prelude::*;

use super::{Event, Parser, Shape, Style};
use crate::template::Opens;

/// Answers in each family's way, and what they mean.
mod families;

/// What an answer amounts to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) calls: Vec<(String, String, bool)>,
}

fn tools() -> Tools {
    let tool = Tool {
        name: "weather".into(),
        description: None,
        parameters: r#"{"properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}"#
            .into(),
        strict: false,
    };
    Tools { offered: vec![tool], ..Tools::default() }
}

fn parse<'a>(style: &Style, opens: Opens, pieces: impl IntoIterator<Item = &'a str>) -> Vec<Event> {
    let mut parser = Parser::new(style, &tools(), opens);
    let mut events: Vec<Event> =
        pieces.into_iter().flat_map(|piece| parser.push(piece, false)).collect();
    events.extend(parser.finish());
    events
}

fn said(events: &[Event]) -> Said {
    let mut said = Said::default();
    for event in events {
        match event {
            Event::Text(text) => said.text.push_str(text),
            Event::Thinking(text) => said.thinking.push_str(text),
            Event::CallBegins { name } => {
                said.calls.push((name.clone(), String::new(), false));
            }
            Event::CallArguments(more) => said.calls.last_mut().unwrap().1.push_str(more),
            Event::CallEnds { whole } => said.calls.last_mut().unwrap().2 = *whole,
        }
    }
    said
}

/// Joins events that continue one another, so that pieces do not matter.
fn joined(events: Vec<Event>) -> Vec<Event> {
    let mut out: Vec<Event> = Vec::new();
    for event in events {
        match (out.last_mut(), &event) {
            (Some(Event::Text(text)), Event::Text(more))
            | (Some(Event::Thinking(text)), Event::Thinking(more))
            | (Some(Event::CallArguments(text)), Event::CallArguments(more)) => text.push_str(more),
            _ => out.push(event),
        }
    }
    out
}

fn cut<'a>(text: &'a str, places: &[usize]) -> Vec<&'a str> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (text.len() + 1)).collect();
    places.retain(|&place| text.is_char_boundary(place));
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for place in places.into_iter().chain([text.len()]) {
        pieces.push(&text[from..place]);
        from = place;
    }
    pieces
}

fn characters(text: &str) -> Vec<&str> {
    text.split_inclusive(|_| true).collect()
}

fn style(name: &str) -> Style {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/templates");
    Style::of(&std::fs::read_to_string(format!("{folder}/{name}.jinja")).unwrap(), true)
}

#[test]
fn every_family_is_read_whole_and_character_by_character() {
    for case in families::cases() {
        let style = if case.template.contains(' ') {
            Style::of(case.template, true)
        } else {
            style(case.template)
        };
        let whole = parse(&style, case.opens, [case.written]);
        assert_eq!(said(&whole), case.meant, "{}: {}", case.template, case.written);
        let pieces = parse(&style, case.opens, characters(case.written));
        assert_eq!(joined(pieces), joined(whole), "{}: {}", case.template, case.written);
    }
}

#[test]
fn an_answer_cut_off_anywhere_loses_nothing_of_its_text() {
    let style = style("qwen3");
    let written =
        "Well < 3.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}";
    for end in (0..written.len()).filter(|&end| written.is_char_boundary(end)) {
        let said = said(&parse(&style, Opens::Answer, [&written[..end]]));
        if said.calls.is_empty() {
            assert_eq!(said.text, written[..end]);
        } else {
            let (name, arguments, whole) = &said.calls[0];
            assert_eq!(name, "weather");
            assert!(r#"{"city": "Ulm"}"#.starts_with(arguments.as_str()), "{arguments}");
            assert_eq!(*whole, arguments == r#"{"city": "Ulm"}"#);
        }
    }
}

#[test]
fn text_comes_out_as_soon_as_it_can_be_nothing_else() {
    let mut parser = Parser::new(&style("qwen3"), &tools(), Opens::Answer);
    let text = |text: &str| vec![Event::Text(text.to_owned())];
    assert_eq!(parser.push("a < b", false), text("a < b"));
    assert_eq!(parser.push(" <tool", false), text(" "));
    assert_eq!(parser.push("box>", false), text("<toolbox>"));
    assert_eq!(
        parser.push("<tool_call>\n{\"name\": \"weather\", \"arguments\": {", false),
        [Event::CallBegins { name: "weather".into() }, Event::CallArguments("{".into()),]
    );
    assert_eq!(parser.push("\"city\"", false), [Event::CallArguments("\"city\"".into())]);
}

#[test]
fn control_tokens_that_mark_nothing_are_not_shown() {
    let mut parser = Parser::new(&style("qwen3"), &tools(), Opens::Answer);
    let mut events = parser.push("<think>", true);
    events.extend(parser.push("so", false));
    events.extend(parser.push("</think>", true));
    events.extend(parser.push("a<|im", false));
    events.extend(parser.push("<|im_end|>", true));
    events.extend(parser.finish());
    let said = said(&events);
    assert_eq!((said.thinking.as_str(), said.text.as_str()), ("so", "a<|im"));
}

#[test]
fn tokens_of_thinking_are_told_apart() {
    let thinking = |style: &Style, opens, pieces: &[(&str, bool)]| {
        let mut parser = Parser::new(style, &tools(), opens);
        let mut count = 0;
        for (piece, control) in pieces {
            parser.push(piece, *control);
            count += usize::from(parser.thinks());
        }
        count
    };
    let marked =
        [("<think>", true), ("so", false), ("it is", false), ("</think>", true), ("warm", false)];
    assert_eq!(thinking(&style("qwen3"), Opens::Answer, &marked), 3);
    assert_eq!(thinking(&style("qwen3"), Opens::Thinking, &marked[1..]), 2);
    assert_eq!(thinking(&style("qwen3"), Opens::Answer, &[("warm", false), ("er", false)]), 0);
}

#[test]
fn a_bare_object_is_no_call_where_there_are_no_tools() {
    let written = r#"{"name": "weather", "parameters": {}}"#;
    let mut parser = Parser::new(&style("llama3"), &Tools::default(), Opens::Answer);
    let mut events = parser.push(written, false);
    events.extend(parser.finish());
    assert_eq!(said(&events).text, written);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn pieces_do_not_matter(which in 0..10_000_usize, places in prop::collection::vec(0..4000_usize, 0..12)) {
        let cases = families::cases();
        let case = &cases[which % cases.len()];
        let style = if case.template.contains(' ') {
            Style::of(case.template, true)
        } else {
            style(case.template)
        };
        let whole = joined(parse(&style, case.opens, [case.written]));
        let pieces = joined(parse(&style, case.opens, cut(case.written, &places)));
        prop_assert_eq!(pieces, whole);
    }

    #[test]
    fn any_text_in_any_pieces_is_read_alike_and_plain_text_loses_nothing(
        text in "([<>/{}\\[\\]|a-c\" \n:,=é｜▁]|tool_call|think|name|arguments|<\\|channel\\|>|<\\|message\\|>|\\[TOOL_CALLS\\]|\\[ARGS\\]|<function=|\\{\"name\": ){0,24}",
        places in prop::collection::vec(0..200_usize, 0..8),
        which in 0..5_usize,
    ) {
        let style = style(["qwen3", "qwen-coder", "ministral", "glm4", "gpt-oss"][which]);
        let whole = joined(parse(&style, Opens::Answer, [text.as_str()]));
        let pieces = joined(parse(&style, Opens::Answer, cut(&text, &places)));
        prop_assert_eq!(&pieces, &whole);
        let marks: Vec<&str> = style.marks().collect();
        let plain = !marks.iter().any(|mark| text.contains(mark));
        if plain && style.shape != Shape::Harmony {
            prop_assert_eq!(said(&whole).text, text);
        }
    }
}
