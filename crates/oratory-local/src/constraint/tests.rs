//! Whatever tokens chance picks, what comes out has the form that was asked for.

mod calls;
mod hostile;
mod schemas;

use oratory_contract::{Form, Tool, ToolChoice, Tools};

use super::{Constraint, Environment, Problem, Thinks, Vocabulary, Wish};
use crate::speech::Style;
use crate::template::Opens;

/// The usual generator of Marsaglia's; the same numbers every time.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    pub(super) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// Every byte, some pieces as tokenisers have them, these control tokens, and two ends.
pub(super) fn vocabulary(control: &[&str]) -> Vocabulary {
    let mut bytes: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    let pieces = [
        "{\"",
        "\":",
        "\": \"",
        "\"}",
        "\",",
        " \"",
        "}}",
        "]}",
        "[\"",
        "true",
        "false",
        "null",
        "the",
        " of",
        "ing",
        "name",
        "city",
        "Ulm",
        "weather",
        "arguments",
        "12",
        "000",
        "\n\n",
        "tool",
        "_call",
        ">\n{\"",
        "</",
        "ü",
        "世",
        "think",
        " ",
        "  ",
    ];
    bytes.extend(pieces.iter().map(|piece| piece.as_bytes().to_vec()));
    // Tokenisers cut characters too.
    bytes.extend([vec![0xf0, 0x9f], vec![0x98, 0x80], vec![0xe4, 0xb8], b"a\xc3".to_vec()]);
    let mut flags = vec![false; bytes.len()];
    for spelling in control.iter().copied().chain(["<|over|>", "<|stop|>"]) {
        bytes.push(spelling.as_bytes().to_vec());
        flags.push(true);
    }
    let size = u32::try_from(bytes.len()).unwrap();
    Vocabulary { bytes, control: flags, ends: vec![size - 2, size - 1] }
}

pub(super) fn environment(control: &[&str]) -> Environment {
    Environment::new(&vocabulary(control)).unwrap()
}

pub(super) fn allows(mask: Option<&[u32]>, token: u32) -> bool {
    mask.is_none_or(|mask| mask[token as usize / 32] >> (token % 32) & 1 == 1)
}

/// An answer as chance makes it.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) tokens: Vec<u32>,
    pub(super) ended: bool,
}

/// Lets chance write an answer, leaning towards what closes things the longer it gets.
pub(super) fn write(
    constraint: &mut Constraint,
    vocabulary: &Vocabulary,
    chance: &mut Chance,
) -> Made {
    let size = u32::try_from(vocabulary.bytes.len()).unwrap();
    let mut tokens = Vec::new();
    let mut plan: Vec<u8> = Vec::new();
    for step in 0..3000 {
        if constraint.is_over() {
            return Made { tokens, ended: true };
        }
        let mask = constraint.mask().unwrap();
        let allowed: Vec<u32> = (0..size).filter(|&token| allows(mask, token)).collect();
        assert!(!allowed.is_empty(), "nothing may come");
        if plan.is_empty() && step > 40 && chance.one_in(4) {
            let closer = CLOSERS[chance.below(CLOSERS.len())];
            // Nobody writes a control token letter by letter.
            let is_token = vocabulary.bytes.iter().any(|bytes| bytes == closer.as_bytes());
            plan = if is_token { Vec::new() } else { closer.bytes().rev().collect() };
        }
        let planned = plan.pop().map(u32::from).filter(|token| allowed.contains(token));
        if planned.is_none() {
            plan.clear();
        }
        let token = planned.unwrap_or_else(|| pick(vocabulary, &allowed, step, chance));
        if vocabulary.ends.contains(&token) {
            assert!(constraint.may_stop());
            return Made { tokens, ended: true };
        }
        constraint.accept(token).unwrap();
        tokens.push(token);
    }
    Made { tokens, ended: false }
}

/// What closes a parameter or a text in one family or another.
const CLOSERS: [&str; 5] =
    ["\n</parameter>\n", "</arg_value>\n", "</parameter>\n", "<|\"|>", "\"}]"];

fn pick(vocabulary: &Vocabulary, allowed: &[u32], step: usize, chance: &mut Chance) -> u32 {
    let closes = |token: &&u32| {
        let at = **token as usize;
        let bytes = vocabulary.bytes[at].as_slice();
        vocabulary.control[at] || matches!(bytes, b"\"" | b"}" | b"]" | b"\"}" | b")" | b"<")
    };
    let closing: Vec<&u32> = allowed.iter().filter(closes).collect();
    match closing.is_empty() || (step <= 40 && !chance.one_in(3)) {
        true => allowed[chance.below(allowed.len())],
        false => *closing[chance.below(closing.len())],
    }
}

pub(super) fn text(vocabulary: &Vocabulary, tokens: &[u32]) -> String {
    let bytes = tokens.iter().flat_map(|token| vocabulary.bytes[*token as usize].clone());
    String::from_utf8(bytes.collect()).expect("only whole characters are written")
}

pub(super) fn weather(strict: bool) -> Tool {
    let parameters = r#"{"type": "object", "additionalProperties": false, "required": ["city"],
        "properties": {"city": {"type": "string", "maxLength": 12},
        "days": {"type": "integer", "minimum": 0, "maximum": 99}}}"#;
    Tool { name: "weather".into(), description: None, parameters: parameters.into(), strict }
}

pub(super) fn tools(choice: ToolChoice) -> Tools {
    let now = Tool {
        name: "now".into(),
        description: None,
        parameters: r#"{"type": "object", "properties": {}, "additionalProperties": false}"#.into(),
        strict: false,
    };
    Tools { offered: vec![weather(true), now], choice, ..Tools::default() }
}

/// Asks for a form and nothing else.
pub(super) fn formed(environment: &Environment, form: &Form) -> Result<Constraint, Problem> {
    let wish = Wish {
        form,
        tools: &Tools::default(),
        style: &Style::generic(),
        opens: Opens::Answer,
        thinks: Thinks::No,
    };
    Constraint::new(environment, &wish).map(|constraint| constraint.expect("a form was asked for"))
}

/// Feeds text as single bytes, as far as it is allowed; says whether all was.
pub(super) fn feed(constraint: &mut Constraint, text: &str) -> bool {
    text.bytes().all(|byte| {
        let allowed = allows(constraint.mask().unwrap(), u32::from(byte));
        allowed && constraint.accept(u32::from(byte)).is_ok()
    })
}

#[test]
fn text_without_tools_needs_no_constraint() {
    let environment = environment(&[]);
    let wish = Wish {
        form: &Form::Text,
        tools: &Tools::default(),
        style: &Style::generic(),
        opens: Opens::Answer,
        thinks: Thinks::Perhaps,
    };
    assert!(Constraint::new(&environment, &wish).unwrap().is_none());
    let none = tools(ToolChoice::None);
    assert!(Constraint::new(&environment, &Wish { tools: &none, ..wish }).unwrap().is_none());
}

#[test]
fn json_is_an_object_and_nothing_comes_after_it() {
    let environment = environment(&[]);
    let form = Form::Json;
    let mut constraint = formed(&environment, &form).unwrap();
    assert!(!feed(&mut constraint, "x") && !feed(&mut constraint, "["));
    assert!(feed(&mut constraint, r#"{"a": [1, {"b": null}], "ü": "世"#));
    assert!(!constraint.may_stop() && !constraint.is_over());
    assert!(feed(&mut constraint, "\"}"));
    assert!(constraint.may_stop() && constraint.is_over());
}

#[test]
fn expressions_and_grammars_are_matched_as_a_whole() {
    let environment = environment(&[]);
    let form = Form::Regex(r"^(yes|no), [a-z]{2,4}/\d$".into());
    let mut constraint = formed(&environment, &form).unwrap();
    assert!(!feed(&mut constraint.clone(), "maybe"));
    assert!(feed(&mut constraint, "yes, abc/7") && constraint.is_over());
    let form = Form::Grammar("start: \"a\" more\nmore: \"b\" more | \"c\"\n".into());
    let mut constraint = formed(&environment, &form).unwrap();
    assert!(!feed(&mut constraint.clone(), "c"));
    assert!(feed(&mut constraint, "abbbc") && constraint.is_over());
}

#[test]
fn thinking_comes_first_and_then_the_form_holds() {
    for control in [&["<think>", "</think>"][..], &[]] {
        let environment = environment(control);
        let vocabulary = vocabulary(control);
        let id = |text: &str| {
            let at = vocabulary.bytes.iter().position(|bytes| bytes == text.as_bytes());
            at.and_then(|at| u32::try_from(at).ok())
        };
        let say = |constraint: &mut Constraint, text: &str| match id(text) {
            Some(token) => {
                let allowed = allows(constraint.mask().unwrap(), token);
                allowed && constraint.accept(token).is_ok()
            }
            None => feed(constraint, text),
        };
        let wish = Wish {
            form: &Form::Json,
            tools: &Tools::default(),
            style: &Style::generic(),
            opens: Opens::Answer,
            thinks: Thinks::Perhaps,
        };
        let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
        assert!(!say(&mut constraint.clone(), "Well"));
        assert!(feed(&mut constraint.clone(), "{\"a\": 1}"));
        assert!(say(&mut constraint, "<think>"));
        assert!(feed(&mut constraint, "Well, } anything \" goes."));
        assert!(!constraint.may_stop());
        let end = vocabulary.ends[0];
        assert!(!allows(constraint.mask().unwrap(), end), "thinking ends in an answer");
        assert!(say(&mut constraint, "</think>"));
        assert!(!feed(&mut constraint.clone(), "no"));
        assert!(feed(&mut constraint, "{\"a\": 1}") && constraint.is_over());
        let opened = Wish { opens: Opens::Thinking, ..wish };
        let mut constraint = Constraint::new(&environment, &opened).unwrap().unwrap();
        assert!(feed(&mut constraint, "so") && say(&mut constraint, "</think>"));
        assert!(feed(&mut constraint, "{}") && constraint.is_over());
    }
}

#[test]
fn what_must_come_is_known_without_a_model() {
    let environment = environment(&["<tool_call>", "</tool_call>"]);
    let vocabulary = vocabulary(&["<tool_call>", "</tool_call>"]);
    let named = tools(ToolChoice::Named("weather".into()));
    let wish = Wish {
        form: &Form::Text,
        tools: &named,
        style: &Style::generic(),
        opens: Opens::Answer,
        thinks: Thinks::No,
    };
    let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
    let letters = |text: &str| text.bytes().map(u32::from).collect();
    let first = constraint.forced(letters);
    assert_eq!(text(&vocabulary, &first), "<tool_call>");
    for token in first {
        constraint.accept(token).unwrap();
    }
    assert!(feed(&mut constraint, "\n{"));
    let forced = constraint.forced(letters);
    assert_eq!(text(&vocabulary, &forced), "\"name\": \"weather\", \"arguments\": {");
    for &token in &forced {
        constraint.accept(token).unwrap();
    }
}
