//! How sure a model was of what it said.
//!
//! The chances of the words it chose say most; refusals, answers that were cut off and JSON that is none say the rest.

use oratory_brains::sureness::{FIT, doubt};
use oratory_contract::{Asked, Chance, Chunk, Chunks, Failure, Finish, Form, ModelName, PlaceName};

/// An answer that was heard, and what tells how sure it is.
pub(super) struct Heard {
    pub(super) place: PlaceName,
    pub(super) model: ModelName,
    pub(super) chunks: Vec<Result<Chunk, Failure>>,
    pub(super) rest: Chunks,
    pub(super) bytes: usize,
    pub(super) ended: bool,
    text: String,
    calls: Vec<String>,
    chances: Vec<f32>,
    finish: Option<Finish>,
}

impl Heard {
    pub(super) fn new(place: PlaceName, model: ModelName, rest: Chunks) -> Self {
        let (chunks, calls, chances) = Default::default();
        let (text, bytes, ended, finish) = Default::default();
        Self { place, model, chunks, rest, bytes, ended, text, calls, chances, finish }
    }

    pub(super) fn take(&mut self, chunk: Result<Chunk, Failure>) {
        match &chunk {
            Ok(Chunk::Text(text)) => {
                self.bytes += text.len();
                self.text.push_str(text);
            }
            Ok(Chunk::Thinking(text)) => self.bytes += text.len(),
            Ok(Chunk::Call(part)) => {
                self.bytes += part.arguments.len();
                let at = part.index as usize;
                // Calls come in their order.
                self.calls.resize((at + 1).min(self.calls.len() + 1), String::new());
                self.calls.iter_mut().last().into_iter().for_each(|call| *call += &part.arguments);
            }
            Ok(Chunk::Chances(chances)) => {
                self.bytes += size_of_val(&chances[..]);
                let rated = chances.iter().map(|Chance { token, .. }| token.logprob);
                self.chances.extend(rated);
            }
            Ok(Chunk::Done(done)) => {
                self.ended = true;
                self.finish = Some(done.finish);
            }
            Ok(_) => {}
            Err(_) => self.ended = true,
        }
        self.chunks.push(chunk);
    }

    /// Returns how sure one may be of the answer, 0 to 1; `None` where it was not heard to its end.
    pub(super) fn confidence(&self, asked: &Asked) -> Option<f32> {
        if !self.ended {
            return None;
        }
        if self.finish.is_none() || self.is_broken(asked) || refuses(&self.text) {
            return Some(0.0);
        }
        Some(confidence(&self.chances))
    }

    /// Says whether the answer is none: empty, cut off, or not in the form it must have.
    fn is_broken(&self, asked: &Asked) -> bool {
        let json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let form = matches!(asked.form, Form::Json | Form::Schema(_));
        let cut = self.finish == Some(Finish::Length);
        let empty = self.text.trim().is_empty() && self.calls.is_empty();
        let wrong = form && self.calls.is_empty() && !json(&self.text);
        empty || wrong || cut && form || self.calls.iter().any(|call| !json(call))
    }
}

/// Returns the share of answers that are right whose tokens were so likely.
fn confidence(chances: &[f32]) -> f32 {
    // What nobody has rated is as likely as not.
    doubt(chances).map_or(0.5, |doubt| FIT.right(doubt))
}

/// How answers begin that are none.
const REFUSALS: [&str; 16] = [
    "i'm sorry, but i can",
    "i am sorry, but i can",
    "sorry, i can",
    "i cannot help",
    "i can't help",
    "i cannot assist",
    "i can't assist",
    "i'm unable to",
    "i am unable to",
    "i'm not able to",
    "i don't know",
    "i do not know",
    "as an ai",
    "es tut mir leid, aber ich kann",
    "je suis désolé, mais je ne peux",
    "lo siento, pero no puedo",
];

/// Says whether an answer says that there is none.
fn refuses(text: &str) -> bool {
    let begins: String = text.trim_start().chars().take(80).collect();
    let begins = begins.to_lowercase().replace('\u{2019}', "'");
    REFUSALS.iter().any(|refusal| begins.starts_with(refusal))
}

#[cfg(test)]
mod tests;
