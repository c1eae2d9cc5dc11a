//! Tools and forms from end to end: what must be called is called, what must be JSON is JSON.
//!
//! With the built-in model, which understands nothing: so it is the engine that keeps the form.

use serde_json::{Value, json};

use crate::house::House;

fn ask(more: &Value) -> Value {
    let mut body = json!({
        "model": "mini",
        "messages": [{ "role": "user", "content": "What is the weather in Ulm?" }],
        "max_tokens": 400,
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let house = House::new();
    let server = house.serve();
    let response = server.chat(&body);
    let status = response.status;
    let answer = response.json();
    assert_eq!(status, 200, "{answer}");
    answer["choices"][0].clone()
}

#[test]
fn a_tool_that_must_be_called_is_called_as_its_schema_says() {
    let parameters = json!({
        "type": "object",
        "properties": {
            "city": { "type": "string", "maxLength": 12 },
            "days": { "type": "integer", "minimum": 1, "maximum": 9 }
        },
        "required": ["city", "days"],
        "additionalProperties": false
    });
    let tool = |name: &str| json!({ "type": "function", "function": { "name": name, "parameters": parameters } });
    let named = json!({ "type": "function", "function": { "name": "forecast" } });
    for (choice, name) in [(json!("required"), None), (named, Some("forecast"))] {
        let answer = ask(&json!({
            "tools": [tool("weather"), tool("forecast")],
            "tool_choice": choice,
            "parallel_tool_calls": false
        }));
        assert_eq!(answer["finish_reason"], "tool_calls", "{answer}");
        let call = &answer["message"]["tool_calls"][0]["function"];
        assert!(name.is_none_or(|name| call["name"] == name), "{answer}");
        let arguments: Value = serde_json::from_str(call["arguments"].as_str().unwrap()).unwrap();
        assert!(arguments["city"].is_string() && arguments["days"].is_u64(), "{arguments}");
        assert_eq!(arguments.as_object().unwrap().len(), 2, "{arguments}");
    }
}

#[test]
fn an_answer_has_the_form_that_was_asked_for() {
    let schema = json!({
        "type": "object",
        "properties": { "mood": { "enum": ["good", "bad"] }, "sure": { "type": "boolean" } },
        "required": ["mood", "sure"],
        "additionalProperties": false
    });
    let wanted = json!({ "type": "json_schema", "json_schema": { "name": "m", "schema": schema } });
    let answer = ask(&json!({ "response_format": wanted }));
    let said: Value = serde_json::from_str(answer["message"]["content"].as_str().unwrap()).unwrap();
    assert!(["good", "bad"].contains(&said["mood"].as_str().unwrap()), "{said}");
    assert!(said["sure"].is_boolean(), "{said}");
    let answer = ask(&json!({ "guided_regex": "[0-9]{4}-[0-9]{2}" }));
    let said = answer["message"]["content"].as_str().unwrap();
    let digit = |at: usize| said.as_bytes()[at].is_ascii_digit();
    assert!(said.len() == 7 && [0, 1, 2, 3, 5, 6].into_iter().all(digit), "{said:?}");
}
