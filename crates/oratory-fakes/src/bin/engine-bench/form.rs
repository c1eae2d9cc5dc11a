//! What a form costs: answers held to one beside answers that are free.
//!
//! Guessing is off on both sides, because forms make it pay.

use serde_json::{Value, json};

use crate::report::{Better, Report, Row};
use crate::server::Server;
use crate::talk::{ask, ask_for, words};
use crate::turns::turns;
use crate::{Kind, Things, Trouble, Wishes};

/// Tokens of an answer.
const WRITTEN: u32 = 96;

const ALL: [&str; 3] = ["form: words", "form: JSON", "form: a grammar"];

/// Measures what is wanted of it; an empty list if that is nothing.
pub(crate) async fn all(
    things: &Things,
    wishes: &Wishes,
    report: &mut Report,
) -> Result<(), Trouble> {
    let wanted: Vec<_> = ALL.iter().filter(|name| name.contains(&wishes.only)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let model = wishes.model.as_deref().unwrap_or(&things.dense);
    let server = Server::start(Kind::Plain, things, model, wishes.threads).await?;
    for (at, name) in (0..).zip(wanted) {
        // What is compiled is kept, so the first answer pays for the others.
        ask_for(&server, "Hello", 2, form(name)).await?;
        let mut row = Row::new(name, Better::Higher);
        for turn in turns(name, wishes.trials, ["free", "held"]) {
            // An answer that was given before is not computed again.
            let prompt = words(turn.number() + 1000 * at + 77, 32);
            if turn.second {
                let heard = ask_for(&server, &prompt, WRITTEN, form(name)).await?;
                row.add(Kind::Oratory, heard.pace());
            } else {
                row.add(Kind::Plain, ask(&server, &prompt, WRITTEN).await?.pace());
            }
        }
        report.rows.push(row);
    }
    Ok(())
}

/// Returns a form that an answer fills as long as it likes.
fn form(name: &str) -> Value {
    match name {
        "form: words" => json!({ "guided_regex": "[a-z ]{400,}" }),
        "form: JSON" => json!({ "response_format": {
            "type": "json_schema",
            "json_schema": { "name": "list", "schema": {
                "type": "array",
                "minItems": 64,
                "items": { "type": "object", "properties": {
                    "name": { "type": "string", "minLength": 8 },
                    "count": { "type": "integer" },
                }, "required": ["name", "count"], "additionalProperties": false },
            } },
        } }),
        _ => {
            json!({ "guided_grammar": "start: (NAME \"=\" NUMBER \"\\n\"){64,}\nNAME: /[a-z]{4,12}/\nNUMBER: /[0-9]{1,6}/" })
        }
    }
}
