//! A case as a client sends it to a chat endpoint, and what such an endpoint answers.
//!
//! Plain JSON in OpenAI's form; what a model is and how it is reached is not known here.

use serde_json::{Value, json};

use super::{Call, Case, Part, Tool};

/// Returns the messages of a case, and its tools if it has some.
pub fn sent(case: &Case) -> Value {
    let mut called = 0;
    let messages: Vec<Value> = case.parts.iter().map(|part| message(part, &mut called)).collect();
    let mut body = json!({ "messages": messages });
    if !case.tools.is_empty() {
        body["tools"] = case.tools.iter().map(tool).collect();
    }
    body
}

/// Returns the text and the calls of an answer's message.
pub fn heard(message: &Value) -> (String, Vec<Call>) {
    let calls = message["tool_calls"].as_array().into_iter().flatten().map(|call| {
        let text = |name: &str| call["function"][name].as_str().unwrap_or_default();
        let arguments = serde_json::from_str(text("arguments")).unwrap_or(Value::Null);
        Call { name: text("name").to_owned(), arguments }
    });
    (message["content"].as_str().unwrap_or_default().trim().to_owned(), calls.collect())
}

/// Returns a message; calls are numbered, and a result answers the call before it.
fn message(part: &Part, called: &mut usize) -> Value {
    match part {
        Part::System(text) => json!({ "role": "system", "content": text }),
        Part::User(text) => json!({ "role": "user", "content": text }),
        Part::Assistant { text, calls, .. } => {
            let mut message = json!({ "role": "assistant", "content": text });
            if !calls.is_empty() {
                let call = |call: &Call| {
                    *called += 1;
                    json!({ "id": format!("call_{called}"), "type": "function", "function": {
                        "name": call.name, "arguments": call.arguments.to_string(),
                    }})
                };
                message["tool_calls"] = calls.iter().map(call).collect();
            }
            message
        }
        Part::ToolResult(text) => {
            json!({ "role": "tool", "tool_call_id": format!("call_{called}"), "content": text })
        }
    }
}

fn tool(tool: &Tool) -> Value {
    json!({ "type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters,
    }})
}

#[cfg(test)]
mod tests {
    use super::super::{Split, Task, case};
    use super::*;

    #[test]
    fn results_answer_the_call_before_them() {
        let body = sent(&case(Task::Plan, Split::Held, 3));
        let messages = body["messages"].as_array().expect("there are messages");
        let call = messages.iter().find_map(|message| message["tool_calls"][0]["id"].as_str());
        let result = messages.iter().find_map(|message| message["tool_call_id"].as_str());
        assert!(result.is_some() && call == result, "{body}");
        assert!(body["tools"][0]["function"]["parameters"].is_object(), "{body}");
    }

    #[test]
    fn what_is_wanted_is_heard_from_a_message_that_says_it() {
        let case = case(Task::Tool, Split::Held, 1);
        let calls = case.wanted.calls.iter().map(|call| {
            json!({ "function": { "name": call.name, "arguments": call.arguments.to_string() } })
        });
        let calls: Vec<Value> = calls.collect();
        let message = json!({ "content": format!(" {} ", case.wanted.text), "tool_calls": calls });
        assert_eq!(heard(&message), (case.wanted.text.clone(), case.wanted.calls.clone()));
    }
}
