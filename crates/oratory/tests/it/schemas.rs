//! Forms and tools drawn at random, asked of `mini` at temperature 1: every answer has the form.
//!
//! Forty of each; `ORATORY_SLOW=1` asks for a thousand. Whether an answer has its form is for Python's
//! `jsonschema` to say, which is not ours; where it cannot be had, only that is left out.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

use crate::house::{House, Server};
use crate::packages::{LIMIT, python, within};

/// Requests at once.
const TOGETHER: u64 = 4;

/// Says of each line of a file whether its text is JSON of its schema.
const JUDGE: &str = "import json, sys, jsonschema\n\
    for line in open(sys.argv[1]):\n\
    \x20   case = json.loads(line)\n\
    \x20   jsonschema.Draft202012Validator.check_schema(case['schema'])\n\
    \x20   value = json.loads(case['text'])\n\
    \x20   jsonschema.Draft202012Validator(case['schema']).validate(value)\n";

/// An answer, and the schema it must fit.
struct Case {
    schema: Value,
    text: String,
}

#[test]
fn answers_have_the_form_that_was_asked_for() {
    every("schemas", |server, seed| {
        let schema = Dice(seed).object(0);
        let form = json!({ "name": "form", "schema": schema, "strict": true });
        let mut body = asked(seed);
        body["response_format"] = json!({ "type": "json_schema", "json_schema": form });
        let text = message(server, &body)["content"].as_str().unwrap().to_owned();
        Case { schema, text }
    });
}

#[test]
fn calls_name_an_offered_tool_and_fit_its_schema() {
    every("tool sets", |server, seed| {
        let mut dice = Dice(seed);
        let tools: Vec<Value> = (0..dice.up_to(1, 6)).map(|at| dice.tool(at)).collect();
        let named = &tools[dice.up_to(0, tools.len() as u64 - 1) as usize]["function"]["name"];
        let forced = dice.up_to(0, 1) == 1;
        let mut body = asked(seed);
        body["tool_choice"] = match forced {
            true => json!({ "type": "function", "function": { "name": named } }),
            false => json!("required"),
        };
        body["parallel_tool_calls"] = json!(false);
        body["tools"] = json!(tools);
        let call = message(server, &body)["tool_calls"][0]["function"].clone();
        assert!(!forced || call["name"] == *named, "{body}\n{call}");
        let tool = tools.iter().find(|tool| tool["function"]["name"] == call["name"]);
        let tool = tool.unwrap_or_else(|| panic!("it is no tool that was offered: {body}\n{call}"));
        let text = call["arguments"].as_str().unwrap().to_owned();
        Case { schema: tool["function"]["parameters"].clone(), text }
    });
}

fn asked(seed: u64) -> Value {
    json!({
        "model": "mini",
        "temperature": 1,
        "seed": seed,
        "messages": [{ "role": "user", "content": "Fill this in as you like." }],
    })
}

fn message(server: &Server, body: &Value) -> Value {
    let response = server.chat(body);
    let (status, told) = (response.status, response.json());
    assert_eq!(status, 200, "{body}\n{told}");
    assert_ne!(told["choices"][0]["finish_reason"], "length", "{body}\n{told}");
    told["choices"][0]["message"].clone()
}

/// Asks for every seed, several at once, and judges all answers.
#[allow(clippy::disallowed_methods, reason = "a person who tests has no other way to say so")]
fn every(what: &str, ask: impl Fn(&Server, u64) -> Case + Sync) {
    let cases = if std::env::var_os("ORATORY_SLOW").is_some() { 1000 } else { 40 };
    let house = House::new();
    let server = house.serve();
    let (next, told) = (AtomicU64::new(0), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..TOGETHER {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= cases {
                        return;
                    }
                    let Case { schema, text } = ask(&server, seed);
                    serde_json::from_str::<Value>(&text).expect(&text);
                    let line = json!({ "schema": schema, "text": text }).to_string();
                    told.lock().unwrap().extend([&*line, "\n"]);
                }
            });
        }
    });
    let told = told.into_inner().unwrap();
    assert_eq!(told.lines().count() as u64, cases);
    judge(&house, &told);
    println!("{cases} {what}, and every answer fits");
}

fn judge(house: &House, told: &str) {
    let python = match python("schemas", &["jsonschema==4.26.0"]) {
        Ok(python) => python,
        Err(why) => return eprintln!("not judged: {why}"),
    };
    let file = house.path().join("told.jsonl");
    std::fs::write(&file, told).unwrap();
    let output = within(Command::new(python).args(["-c", JUDGE]).arg(file), LIMIT).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Draws schemas: equal seeds draw equal ones.
struct Dice(u64);

const NAMES: [&str; 8] = ["name", "age", "tags", "address", "is_open", "größe", "a b", "x-1"];
const WORDS: [&str; 6] = ["red", "green", "dark blue", "ü", "\"quoted\"", "back\\slash"];

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn up_to(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % (high - low + 1)
    }

    fn tool(&mut self, at: u64) -> Value {
        let name = format!("tool_{at}_{}", self.up_to(0, 99));
        let parameters = self.object(1);
        let function = json!({ "name": name, "description": "Does it.", "parameters": parameters });
        json!({ "type": "function", "function": function })
    }

    fn object(&mut self, depth: u32) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for _ in 0..self.up_to(1, 4) {
            let name = NAMES[self.up_to(0, NAMES.len() as u64 - 1) as usize];
            properties.insert(name.to_owned(), self.schema(depth + 1));
        }
        for name in properties.keys() {
            if self.up_to(0, 3) > 0 {
                required.push(name.clone());
            }
        }
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    fn schema(&mut self, depth: u32) -> Value {
        // Deep down, only what ends by itself.
        match self.up_to(0, if depth < 3 { 9 } else { 6 }) {
            0 => json!({ "type": "boolean" }),
            1 => {
                let low = self.up_to(0, 2000) as i64 - 1000;
                json!({ "type": "integer", "minimum": low, "maximum": low + self.up_to(0, 5000) as i64 })
            }
            2 => json!({ "type": "number", "minimum": -1.5, "exclusiveMaximum": 99 }),
            3 => json!({ "type": "string", "minLength": 1, "maxLength": self.up_to(1, 20) }),
            4 => json!({ "enum": &WORDS[..self.up_to(1, 6) as usize] }),
            5 => json!({ "const": [null, { "a": 1 }, "x"] }),
            6 => json!({ "type": "string", "pattern": "^[A-Z]{2}-[0-9]{3,5}$" }),
            7 => {
                let (low, items) = (self.up_to(0, 2), self.schema(depth + 1));
                json!({ "type": "array", "items": items, "minItems": low, "maxItems": low + 2 })
            }
            8 => json!({ "anyOf": [self.schema(depth + 1), { "type": "null" }] }),
            _ => self.object(depth + 1),
        }
    }
}
