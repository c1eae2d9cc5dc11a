//! What came of the messages of a batch: a line each, told while it is read from the disk.
//!
//! On the disk lines are as OpenAI's clients read them.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::batches::Batch;
use crate::folder::Folder;
use crate::outflow;

/// What results are: a line of JSON each.
pub(super) const LINES: &str = "application/x-jsonl";

/// Returns the response that tells what came of a batch that is over.
pub(super) fn response(files: &Folder, batch: &Batch) -> Response {
    let named = [&batch.output_file_id, &batch.error_file_id].into_iter().flatten();
    let mut paths = named.map(|id| files.path(id)).collect::<Vec<_>>().into_iter();
    let mut open: Option<BufReader<File>> = None;
    outflow::response(LINES, move || {
        loop {
            let Some(file) = &mut open else {
                let Some(path) = paths.next() else { return Ok(None) };
                open = Some(BufReader::new(File::open(path)?));
                continue;
            };
            let mut line = String::new();
            if file.read_line(&mut line)? == 0 {
                open = None;
                continue;
            }
            return told(&line).map(Some);
        }
    })
}

/// Returns a line as Anthropic's clients read it.
fn told(line: &str) -> io::Result<Bytes> {
    let mut line: Value = serde_json::from_str(line)?;
    let answered = line["response"]["status_code"].as_u64();
    let body = line["response"]["body"].take();
    let result = match (answered, line["error"]["code"].as_str()) {
        (Some(200), _) => json!({ "type": "succeeded", "message": body }),
        (Some(_), _) => json!({ "type": "errored", "error": body }),
        (None, Some("batch_expired")) => json!({ "type": "expired" }),
        (None, _) => json!({ "type": "canceled" }),
    };
    let told = json!({ "custom_id": line["custom_id"], "result": result });
    Ok(format!("{told}\n").into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::told;

    #[test]
    fn each_end_has_its_own_type() {
        let failed = json!({ "type": "error", "error": { "type": "not_found_error" } });
        for (response, error, result) in [
            (
                json!({ "status_code": 200, "body": { "id": "msg_1" } }),
                Value::Null,
                json!({ "type": "succeeded", "message": { "id": "msg_1" } }),
            ),
            (
                json!({ "status_code": 404, "body": failed }),
                Value::Null,
                json!({ "type": "errored", "error": failed }),
            ),
            (Value::Null, json!({ "code": "batch_expired" }), json!({ "type": "expired" })),
            (Value::Null, json!({ "code": "batch_cancelled" }), json!({ "type": "canceled" })),
        ] {
            let line = json!({ "custom_id": "a", "response": response, "error": error });
            let line: Value = serde_json::from_slice(&told(&line.to_string()).unwrap()).unwrap();
            assert_eq!(line, json!({ "custom_id": "a", "result": result }));
        }
    }
}
