//! A thousand schemas made by chance, each answered by chance: every answer fits its schema.
//!
//! The validator knows what the generator makes and no more.

use oratory_contract::Form;
use serde_json::{Map, Value, json};

use super::{Chance, allows, environment, feed, formed, text, vocabulary, write};

fn schema(chance: &mut Chance, depth: usize) -> Value {
    let kinds = if depth > 2 { 7 } else { 10 };
    match chance.below(kinds) {
        0 => json!({ "type": "boolean" }),
        1 => json!({ "type": "null" }),
        2 => {
            let least = chance.below(2000) as i64 - 1000;
            json!({ "type": "integer", "minimum": least, "maximum": least + chance.below(5000) as i64 })
        }
        3 if chance.one_in(2) => json!({ "type": "number" }),
        3 => json!({ "type": "number", "minimum": -2.5, "maximum": chance.below(100) }),
        4 => {
            let least = chance.below(4);
            json!({ "type": "string", "minLength": least, "maxLength": least + chance.below(20) })
        }
        5 => {
            let mut values =
                vec![json!("red"), json!(3), json!(null), json!("ü\"x"), json!({ "a": [1] })];
            values.truncate(1 + chance.below(5));
            json!({ "enum": values })
        }
        6 => json!({ "type": "string", "pattern": "^[a-c]{2}-[0-9]+$" }),
        7 => {
            let least = chance.below(3);
            let items = schema(chance, depth + 1);
            json!({ "type": "array", "items": items, "minItems": least, "maxItems": least + chance.below(3) })
        }
        8 => {
            let ways: Vec<Value> =
                (0..2 + chance.below(2)).map(|_| schema(chance, depth + 1)).collect();
            json!({ "anyOf": ways })
        }
        _ => object(chance, depth),
    }
}

fn object(chance: &mut Chance, depth: usize) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for at in 0..chance.below(5) {
        let key = ["a", "key two", "größe", "d\"q", "e"][at];
        if chance.one_in(2) {
            required.push(key);
        }
        properties.insert(key.to_owned(), schema(chance, depth + 1));
    }
    json!({ "type": "object", "properties": properties, "required": required,
        "additionalProperties": false })
}

fn whole(value: &Value) -> Option<i64> {
    let fraction = || value.as_f64().filter(|number| *number == 0.0).map(|_| 0);
    value.as_i64().or_else(fraction)
}

fn fits(schema: &Value, value: &Value) -> bool {
    if let Some(ways) = schema.get("anyOf").and_then(Value::as_array) {
        return ways.iter().any(|way| fits(way, value));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.contains(value);
    }
    let bound = |name: &str| schema[name].as_i64();
    match schema["type"].as_str().unwrap() {
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.as_f64().is_some_and(|number| {
            schema["minimum"].as_f64().is_none_or(|least| number >= least)
                && schema["maximum"].as_f64().is_none_or(|most| number <= most)
        }),
        // `-0` is read as a fraction, and is none.
        "integer" => whole(value).is_some_and(|number| {
            bound("minimum").is_none_or(|least| number >= least)
                && bound("maximum").is_none_or(|most| number <= most)
        }),
        "string" => value.as_str().is_some_and(|text| is_text(schema, text)),
        "array" => value.as_array().is_some_and(|items| {
            let count = items.len() as i64;
            (bound("minItems").unwrap()..=bound("maxItems").unwrap()).contains(&count)
                && items.iter().all(|item| fits(&schema["items"], item))
        }),
        _ => value.as_object().is_some_and(|members| {
            let required = schema["required"].as_array().unwrap();
            required.iter().all(|key| members.contains_key(key.as_str().unwrap()))
                && members.iter().all(|(key, member)| {
                    schema["properties"].get(key).is_some_and(|schema| fits(schema, member))
                })
        }),
    }
}

fn is_text(schema: &Value, text: &str) -> bool {
    if schema.get("pattern").is_some() {
        let Some((letters, digits)) = text.split_once('-') else { return false };
        return letters.len() == 2
            && letters.bytes().all(|byte| (b'a'..=b'c').contains(&byte))
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit());
    }
    let count = text.chars().count() as i64;
    (schema["minLength"].as_i64().unwrap()..=schema["maxLength"].as_i64().unwrap()).contains(&count)
}

#[test]
fn a_thousand_random_answers_fit_their_random_schemas() {
    let vocabulary = vocabulary(&[]);
    let environment = environment(&[]);
    let mut finished = 0;
    for seed in 0..1000 {
        let mut chance = Chance::new(seed);
        let schema = schema(&mut chance, 0);
        let form = Form::Schema(schema.to_string());
        let mut constraint = match formed(&environment, &form) {
            Ok(constraint) => constraint,
            Err(problem) => panic!("{problem}: {schema}"),
        };
        let made = write(&mut constraint, &vocabulary, &mut chance);
        if !made.ended {
            continue;
        }
        finished += 1;
        let written = text(&vocabulary, &made.tokens);
        let value: Value = match serde_json::from_str(&written) {
            Ok(value) => value,
            // Chance writes numbers that no machine holds; they are JSON all the same.
            Err(error) if error.to_string().starts_with("number out of range") => continue,
            Err(error) => panic!("{error}: {written}\n{schema}"),
        };
        assert!(fits(&schema, &value), "{written}\n{schema}");
        // In no text as JSON writes it; between them, it would be a line with nothing on it.
        assert!(!written.contains("\n\n"), "{written:?}\n{schema}");
    }
    assert!(finished > 950, "only {finished} answers came to an end");
}

/// Feeds a digit again and again, and returns what was written.
fn digits_without_end(schema: &Value, begins: &str) -> String {
    let environment = environment(&[]);
    let mut constraint = formed(&environment, &Form::Schema(schema.to_string())).unwrap();
    assert!(feed(&mut constraint, begins), "{schema}: {begins}");
    let mut written = begins.to_owned();
    while written.len() < 500 && allows(constraint.mask().unwrap(), u32::from(b'7')) {
        constraint.accept(u32::from(b'7')).unwrap();
        written.push('7');
    }
    written
}

#[test]
fn numbers_come_to_an_end_whatever_a_model_would_like() {
    let number = json!({ "type": "number" });
    let within = json!({ "type": "number", "minimum": 0, "maximum": 1 });
    let list = json!({ "type": "array", "items": { "type": "number" } });
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    for (schema, begins, longest) in [
        (&number, "7", 20),
        (&number, "-7", 21),
        (&number, "0.", 19),
        (&number, "7e+", 6),
        (&within, "0.", 19),
        (&list, "[1.5, 0.", 25),
        // In a text, digits are letters like any other.
        (&text, "\"7", 500),
        (&texts, "[\"\\\"0.", 500),
    ] {
        let written = digits_without_end(schema, begins);
        assert_eq!(written.len(), longest, "{schema}: {written}");
    }
    // What a schema lists is written whole.
    let listed = json!({ "enum": [123_456_789_012_345_u64] });
    let environment = environment(&[]);
    let mut constraint = formed(&environment, &Form::Schema(listed.to_string())).unwrap();
    assert!(feed(&mut constraint, "123456789012345"));
    assert!(constraint.may_stop());
}
