//! One line of a batch's file: a request, and the name by which its answer is found.
//!
//! A file with a bad line is refused as a whole, before anything is asked.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dialect::Dialect;
use crate::failures::short;

/// The longest name of a request.
const NAME: usize = 512;
/// Faults that are told of one file.
const FAULTS: usize = 100;

/// A request of a batch.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) custom_id: String,
    pub(super) body: String,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Fault {
    pub(super) code: String,
    message: String,
    param: Option<String>,
    pub(super) line: Option<usize>,
}

#[derive(Deserialize)]
struct Written {
    custom_id: Option<Value>,
    method: Option<Value>,
    url: Option<Value>,
    body: Option<Value>,
}

/// Returns the most requests of one batch, as each dialect has it.
pub(crate) fn most(endpoint: &str) -> usize {
    if super::dialect(endpoint) == Dialect::Anthropic { 100_000 } else { 50_000 }
}

/// Returns the line of a request.
pub(crate) fn written(custom_id: &str, endpoint: &str, body: &Value) -> String {
    let line = json!({ "custom_id": custom_id, "method": "POST", "url": endpoint, "body": body });
    format!("{line}\n")
}

/// Reads all lines of a file, or says what is wrong with them.
pub(super) fn read(text: &str, endpoint: &str) -> Result<Vec<Line>, Vec<Fault>> {
    let (mut lines, mut faults, mut names) = (Vec::new(), Vec::new(), HashSet::new());
    let most = most(endpoint);
    for (at, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let line =
            one(text, endpoint).and_then(|line| match names.insert(line.custom_id.clone()) {
                true => Ok(line),
                false => Err(("custom_id", format!("{:?} is there twice", short(&line.custom_id)))),
            });
        match line {
            Ok(line) => lines.push(line),
            Err((param, message)) if faults.len() < FAULTS => {
                faults.push(fault(param, message, Some(at + 1)));
            }
            Err(_) => {}
        }
        if lines.len() > most {
            let message = format!("there are more than {most} requests; make several batches");
            return Err(vec![fault("input_file_id", message, None)]);
        }
    }
    if lines.is_empty() && faults.is_empty() {
        faults.push(fault("input_file_id", "the file holds no request".to_owned(), None));
    }
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

/// Returns what is wrong, in OpenAI's form.
pub(super) fn fault(param: &str, message: String, line: Option<usize>) -> Fault {
    let code = if param == "body" { "invalid_json_line" } else { "invalid_request" };
    Fault { code: code.to_owned(), message, param: Some(param.to_owned()), line }
}

fn one(text: &str, endpoint: &str) -> Result<Line, (&'static str, String)> {
    let written: Written = serde_json::from_str(text)
        .map_err(|error| ("body", format!("the line is no JSON object of a request: {error}")))?;
    let custom_id = match written.custom_id {
        Some(Value::String(name)) if !name.is_empty() && name.len() <= NAME => name,
        Some(_) => return Err(("custom_id", format!("it is no text of 1 to {NAME} letters"))),
        None => return Err(("custom_id", "it is missing".to_owned())),
    };
    match written.method {
        Some(Value::String(method)) if method.eq_ignore_ascii_case("post") => {}
        _ => return Err(("method", "it must be POST".to_owned())),
    }
    match written.url {
        Some(Value::String(url)) if url == endpoint => {}
        _ => return Err(("url", format!("it must be {endpoint}, as the batch says"))),
    }
    let body = written.body.filter(Value::is_object);
    let body = body.ok_or_else(|| ("body", "it must be a JSON object".to_owned()))?;
    Ok(Line { custom_id, body: body.to_string() })
}

#[cfg(test)]
mod tests {
    use super::read;

    const CHAT: &str = "/v1/chat/completions";

    fn line(name: &str, url: &str, body: &str) -> String {
        format!(
            "{{\"custom_id\":\"{name}\",\"method\":\"POST\",\"url\":\"{url}\",\"body\":{body}}}\n"
        )
    }

    #[test]
    fn a_file_is_read_whole_or_its_faults_are_told_by_line() {
        let good = line("a", CHAT, "{ \"n\": 1 }") + "\n" + &line("b", CHAT, "{}");
        let lines = read(&good, CHAT).unwrap();
        assert_eq!(lines[0].body, "{\"n\":1}");
        assert_eq!(lines[1].custom_id, "b");
        let bad = good
            + "nonsense\n"
            + &line("a", CHAT, "{}")
            + &line("c", "/v1/x", "{}")
            + &line("d", CHAT, "[]");
        let faults = read(&bad, CHAT).unwrap_err();
        let told: Vec<_> = faults
            .iter()
            .map(|fault| (fault.line.unwrap(), fault.param.as_deref().unwrap()))
            .collect();
        assert_eq!(told, [(4, "body"), (5, "custom_id"), (6, "url"), (7, "body")]);
        assert!(read("\n\n", CHAT).is_err());
    }
}
