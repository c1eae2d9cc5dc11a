//! What a response consists of, as OpenAI writes it: items, and the parts in them.
//!
//! Whole items; a stream tells them bit by bit and ends each with what is made here.

use oratory_contract::{Chance, Finish, Message, RequestId, Role, Usage};
use serde_json::{Value, json};

use crate::answers::{Called, Gathered, Piece};
use crate::openai::wire::LogprobsWire;

/// Whether an item is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Growing,
    Whole,
    /// A limit has cut it off.
    Cut,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Growing => "in_progress",
            Self::Whole => "completed",
            Self::Cut => "incomplete",
        }
    }
}

/// Returns the name of an item, by its place.
pub(super) fn item_id(id: RequestId, at: usize, piece: &Piece) -> String {
    let kind = match piece {
        Piece::Text(_) => "msg",
        Piece::Thinking(_) => "rs",
        Piece::Call(_) => "fc",
    };
    format!("{kind}_{id}_{at}")
}

/// Returns an item. One that has just begun has no part yet.
pub(super) fn item(
    id: RequestId,
    at: usize,
    piece: &Piece,
    state: State,
    chances: &[Chance],
) -> Value {
    let (name, status, begun) = (item_id(id, at, piece), state.as_str(), state != State::Growing);
    match piece {
        Piece::Text(text) => {
            let content = if begun { vec![text_part(text, chances)] } else { Vec::new() };
            json!({ "id": name, "type": "message", "status": status, "role": "assistant",
                    "content": content })
        }
        Piece::Thinking(text) => {
            let content = if begun { vec![thinking_part(text)] } else { Vec::new() };
            json!({ "id": name, "type": "reasoning", "status": status, "summary": [],
                    "content": content })
        }
        Piece::Call(Called { head, arguments, .. }) => json!({
            "id": name, "type": "function_call", "status": status, "call_id": head.id,
            "name": head.name, "arguments": if begun { arguments } else { "" },
        }),
    }
}

/// Returns a part of text.
pub(super) fn text_part(text: &str, chances: &[Chance]) -> Value {
    let logprobs = logprobs(chances);
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": logprobs })
}

/// Returns a part of thinking.
pub(super) fn thinking_part(text: &str) -> Value {
    json!({ "type": "reasoning_text", "text": text })
}

/// Returns how likely tokens were.
pub(super) fn logprobs(chances: &[Chance]) -> Value {
    let told = serde_json::to_value(LogprobsWire::of(chances)).unwrap_or_default();
    told["content"].clone()
}

/// Returns all items of an answer. Chances are told with its last text.
pub(super) fn items(id: RequestId, answer: &Gathered) -> Vec<Value> {
    let last = answer.pieces.len().saturating_sub(1);
    let cut = answer.done.is_some_and(|done| done.finish == Finish::Length);
    let text = |piece: &Piece| matches!(piece, Piece::Text(_));
    let last_text = answer.pieces.iter().rposition(text);
    let one = |(at, piece)| {
        let state = if cut && at == last { State::Cut } else { State::Whole };
        let chances = if Some(at) == last_text { &answer.chances[..] } else { &[] };
        item(id, at, piece, state, chances)
    };
    answer.pieces.iter().enumerate().map(one).collect()
}

/// Returns the turn an answer is, for those who go on from it.
pub(super) fn turn(answer: &Gathered) -> Message {
    let thinking = Some(answer.thinking()).filter(|thinking| !thinking.is_empty());
    let calls = answer.calls().map(|Called { head, arguments, .. }| oratory_contract::Call {
        id: head.id.clone(),
        name: head.name.clone(),
        arguments: arguments.clone(),
    });
    let calls = calls.collect();
    Message { thinking, calls, ..Message::new(Role::Assistant, answer.text()) }
}

/// Returns what it took. The field for tokens of thinking must be there: where nobody has counted
/// them apart, it is 0.
pub(super) fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": { "cached_tokens": usage.cached },
        "output_tokens": usage.output,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning.unwrap_or(0) },
        "total_tokens": usage.input.saturating_add(usage.output),
    })
}
