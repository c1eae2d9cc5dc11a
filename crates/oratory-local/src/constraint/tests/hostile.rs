//! What would end or stall a careless program is refused, or costs little.

use std::time::{Duration, Instant};

use oratory_contract::{Form, ToolChoice, Tools};

use super::{Chance, Thinks, Wish, environment, feed, formed, text, tools, vocabulary, write};
use crate::constraint::{Constraint, Environment, Problem, Vocabulary};
use crate::speech::Style;
use crate::template::Opens;

#[test]
fn what_is_too_deep_or_too_large_is_refused_with_its_size() {
    let environment = environment(&[]);
    let deep = |open: &str, close: &str, inner: &str| {
        format!("{}{inner}{}", open.repeat(200_000), close.repeat(200_000))
    };
    let forms = [
        Form::Grammar(format!("start: {}", deep("(", ")", "\"a\""))),
        Form::Schema(deep("{\"items\":", "}", "{}")),
        Form::Schema(format!("{{\"enum\": [{}]}}", deep("[", "]", ""))),
        Form::Regex(deep("(", ")", "a")),
    ];
    for form in &forms {
        let error = formed(&environment, form).err().unwrap();
        assert!(matches!(error, Problem::TooMuch { .. }), "{error}");
        assert!(error.to_string().contains("at most"), "{error}");
    }
    let wide = Form::Schema(format!("{{\"description\": \"{}\"}}", "x".repeat(300_000)));
    let error = formed(&environment, &wide).err().unwrap();
    assert_eq!(error.to_string(), "the JSON schema has 300019 bytes; at most 262144 are followed");
}

#[test]
fn what_cannot_be_followed_is_named() {
    let environment = environment(&[]);
    let why = |form: Form| formed(&environment, &form).err().unwrap().to_string();
    let schema = |text: &str| why(Form::Schema(text.into()));
    let unknown = schema(r#"{"type": "array", "uniqueItems": true}"#);
    assert!(unknown.contains("uniqueItems") && unknown.contains("JSON schema"), "{unknown}");
    assert!(schema("{\"type\": ").contains("no JSON"));
    assert!(schema(r#"{"type": "strin"}"#).contains("strin"));
    assert!(schema(r##"{"$ref": "#/nowhere"}"##).contains("nowhere"));
    assert!(schema(r#"{"type": "integer", "minimum": 5, "maximum": 1}"#).contains("minimum"));
    assert!(why(Form::Regex("(a".into())).contains("the regular expression"));
    assert!(why(Form::Grammar("start: nothing".into())).contains("nothing"));
    assert!(why(Form::Grammar(String::new())).contains("the grammar"));
}

#[test]
fn a_strict_tool_that_cannot_be_followed_is_refused_and_another_is_followed_as_far_as_can_be() {
    let environment = environment(&[]);
    let style = Style::generic();
    let with = |strict| {
        let mut tools: Tools = tools(ToolChoice::Required);
        tools.offered[0].strict = strict;
        tools.offered[0].parameters = r#"{"type": "object", "properties": {"a": {"type": "array",
            "uniqueItems": true, "items": {"type": "integer"}}}, "required": ["a"],
            "additionalProperties": false}"#
            .into();
        tools
    };
    let build = |tools: &Tools| {
        let wish = Wish {
            form: &Form::Text,
            tools,
            style: &style,
            opens: Opens::Answer,
            thinks: Thinks::No,
        };
        Constraint::new(&environment, &wish)
    };
    let error = build(&with(true)).err().unwrap().to_string();
    assert!(error.contains("uniqueItems"), "{error}");
    let mut constraint = build(&with(false)).unwrap().unwrap();
    let call = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"a\": [1, 1";
    assert!(feed(&mut constraint, call));
}

#[test]
fn hostile_forms_neither_hang_nor_panic() {
    let environment = environment(&[]);
    let vocabulary = vocabulary(&[]);
    let many = (0..20_000).map(|at| format!("\"k{at}\"")).collect::<Vec<_>>().join(",");
    let all_of =
        (0..200).map(|at| format!("{{\"minLength\": {at}}}")).collect::<Vec<_>>().join(",");
    let forms = [
        Form::Regex("(((((a{0,99}){0,99}){0,99}){0,99}){0,99}){0,99}".into()),
        Form::Regex("(a|aa|aaa)*b(a*)*c".into()),
        Form::Regex(r"[\s\S]{1000000}".into()),
        Form::Regex(r"(.*a.{20}){20}".into()),
        Form::Regex("(?=a)b".into()),
        Form::Regex(r"\p{L}{500,100000}".into()),
        Form::Grammar("start: start start | \"a\" | \"\"".into()),
        Form::Grammar("start: a\na: b\nb: a".into()),
        Form::Grammar("start: x{1,100000}\nx: y{1,100000}\ny: \"a\"{1,100000}".into()),
        Form::Grammar("start: (\"a\" | \"a\" \"a\")* \"b\"".into()),
        Form::Grammar("start: %json {\"type\": \"object\", \"x-guidance\": {\"lenient\": 3}}".into()),
        Form::Grammar("} start: \"a\" {".into()),
        Form::Schema(format!("{{\"enum\": [{many}]}}")),
        Form::Schema(format!("{{\"type\": \"string\", \"allOf\": [{all_of}]}}")),
        Form::Schema(r##"{"$ref": "#"}"##.into()),
        Form::Schema(r##"{"anyOf": [{"$ref": "#"}, {"type": "null"}]}"##.into()),
        Form::Schema(r#"{"type": "string", "pattern": "^(a+)+$", "maxLength": 100000}"#.into()),
        Form::Schema(r#"{"type": "array", "minItems": 1000000000, "items": {}}"#.into()),
        Form::Schema(r#"{"type": "integer", "multipleOf": 0.0000001}"#.into()),
        Form::Schema(r#"{"type": "number", "minimum": -1e308, "maximum": 1e-308}"#.into()),
        Form::Schema(r##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}"##.into()),
        Form::Schema(r#"{"x-guidance": {"whitespace_pattern": "(((a*)*)*)*"}, "type": "object"}"#.into()),
    ];
    for form in &forms {
        let started = Instant::now();
        if let Ok(mut constraint) = formed(&environment, form) {
            let mut chance = Chance::new(3);
            for _ in 0..60 {
                let Ok(mask) = constraint.mask() else { break };
                let allowed: Vec<u32> = (0..vocabulary.bytes.len() as u32)
                    .filter(|&token| super::allows(mask, token))
                    .collect();
                if allowed.is_empty() || constraint.is_over() {
                    break;
                }
                if constraint.accept(allowed[chance.below(allowed.len())]).is_err() {
                    break;
                }
            }
        }
        // Mostly milliseconds; the limit is for slow, busy machines.
        let took = started.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}: {form:?}");
    }
}

#[test]
fn characters_split_over_tokens_stay_whole() {
    let vocabulary = vocabulary(&[]);
    let environment = environment(&[]);
    let form = Form::Regex("[😀世ü]{3,9}".into());
    for seed in 0..50 {
        let mut constraint = formed(&environment, &form).unwrap();
        let made = write(&mut constraint, &vocabulary, &mut Chance::new(seed));
        let written = text(&vocabulary, &made.tokens);
        assert!(made.ended && (3..=9).contains(&written.chars().count()), "{written}");
        assert!(written.chars().all(|c| "😀世ü".contains(c)), "{written}");
    }
}

/// As large as those of today's models: words of letters, some with a space before.
fn large() -> Vocabulary {
    let mut vocabulary = vocabulary(&["<tool_call>", "</tool_call>"]);
    let mut chance = Chance::new(1);
    let mut known: std::collections::HashSet<Vec<u8>> = vocabulary.bytes.iter().cloned().collect();
    while known.len() < 150_000 {
        let letters = 2 + chance.below(9);
        let space = chance.one_in(2).then_some(b' ');
        let letter =
            |chance: &mut Chance| b"etaoinsrhldcumfpgwybvkxjqz\"{}:,.\n0123"[chance.below(37)];
        let word: Vec<u8> =
            space.into_iter().chain((0..letters).map(|_| letter(&mut chance))).collect();
        if known.insert(word.clone()) {
            vocabulary.bytes.push(word);
            vocabulary.control.push(false);
        }
    }
    vocabulary
}

#[test]
fn a_large_vocabulary_is_made_ready_and_masked_fast() {
    let vocabulary = large();
    let started = Instant::now();
    let environment = Environment::new(&vocabulary).unwrap();
    let ready = started.elapsed();
    let schema = r#"{"type": "object", "properties": {"name": {"type": "string"}, "tags": {"type":
        "array", "items": {"type": "string"}}, "size": {"type": "integer"}}, "required": ["name",
        "tags", "size"], "additionalProperties": false}"#;
    let started = Instant::now();
    let mut constraint = formed(&environment, &Form::Schema(schema.into())).unwrap();
    let compiled = started.elapsed();
    let answer = format!(
        "{{\"name\": \"{}\", \"tags\": [\"{}\", \"b\"], \"size\": 12345}}",
        "Some name that goes on for a while. ".repeat(4),
        "and a tag of some length ".repeat(4)
    );
    let mut took: Vec<Duration> = Vec::new();
    for byte in answer.bytes() {
        let started = Instant::now();
        let allowed = super::allows(constraint.mask().unwrap(), u32::from(byte));
        constraint.accept(u32::from(byte)).unwrap();
        took.push(started.elapsed());
        assert!(allowed);
    }
    took.sort_unstable();
    let (median, most) = (took[took.len() / 2], took[took.len() - 1]);
    println!("ready {ready:?}, compiled {compiled:?}, mask {median:?}, at most {most:?}");
    // Ten times what is seen, for slow and busy machines.
    assert!(ready < Duration::from_secs(5), "{ready:?}");
    assert!(median < Duration::from_millis(1), "{median:?}");
}
