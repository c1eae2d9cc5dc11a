//! Completions, told whole or as server-sent events.
//!
//! Field names and orders are OpenAI's, which kept an older form of token chances here.

use axum::response::Response;
use oratory_contract::{Chance, Chunk, Failure, Finish, Usage};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::answers::{Gathered, Head, apart, together};
use crate::health;
use crate::openai::chat::told_failure;
use crate::openai::wire::{UsageWire, finish_reason};
use crate::rejected::Rejected;
use crate::teller::{Teller, event};

/// Tells completions.
pub(crate) struct Completions {
    /// Whether a stream tells at its end what it took.
    usage: bool,
    /// Answers to each prompt.
    each: usize,
    /// What each answer took so far.
    took: Vec<(usize, Usage)>,
    /// Letters told so far of each answer, which is where its next token begins.
    letters: Vec<usize>,
    head: Option<Head>,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::openai) struct Completion<'a> {
    id: String,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageWire>,
}

#[derive(Serialize, JsonSchema)]
struct Choice<'a> {
    text: String,
    index: usize,
    logprobs: Option<Value>,
    finish_reason: Option<&'a str>,
}

impl Completions {
    pub(super) fn new(usage: bool, each: u32) -> Self {
        let each = each as usize;
        Self { usage, each, took: Vec::new(), letters: Vec::new(), head: None }
    }

    fn send(&self, choices: Vec<Choice<'_>>, usage: Option<UsageWire>, out: &mut Vec<u8>) {
        if let Some(head) = &self.head {
            event(out, None, &completion(head, choices, usage));
        }
    }

    fn logprobs(&mut self, at: usize, chances: &[Chance]) -> Value {
        if self.letters.len() <= at {
            self.letters.resize(at + 1, 0);
        }
        logprobs(chances, &mut self.letters[at])
    }

    /// Returns what all answers took: each prompt was read once.
    fn all(&self) -> Usage {
        let prompts = self.took.iter().map(|(at, _)| at / self.each).max();
        let usages = (0..=prompts.unwrap_or(0)).map(|prompt| {
            let of = self.took.iter().filter(|(at, _)| at / self.each == prompt);
            together(of.map(|(_, usage)| *usage))
        });
        usages.fold(Usage::default(), |all, one| Usage {
            input: all.input.saturating_add(one.input),
            cached: all.cached.saturating_add(one.cached),
            output: all.output.saturating_add(one.output),
            ..apart(all, one)
        })
    }
}

fn completion<'a>(
    head: &'a Head,
    choices: Vec<Choice<'a>>,
    usage: Option<UsageWire>,
) -> Completion<'a> {
    Completion {
        id: format!("cmpl-{}", head.id),
        object: "text_completion",
        created: head.created,
        model: head.model.as_str(),
        choices,
        usage,
    }
}

/// Returns how likely tokens were; the first of them begins after so many letters.
fn logprobs(chances: &[Chance], letters: &mut usize) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // JSON knows no infinity.
    let logprob = |logprob: f32| json!(logprob.max(-9999.0));
    let (mut tokens, mut own, mut top, mut offsets) = (vec![], vec![], vec![], vec![]);
    for chance in chances {
        let token = text(&chance.token.bytes);
        offsets.push(*letters);
        *letters += token.chars().count();
        tokens.push(token);
        own.push(logprob(chance.token.logprob));
        let each = chance.top.iter().map(|rated| (text(&rated.bytes), logprob(rated.logprob)));
        top.push(each.collect::<Map<_, _>>());
    }
    json!({ "tokens": tokens, "token_logprobs": own, "top_logprobs": top, "text_offset": offsets })
}

impl Teller for Completions {
    fn begin(&mut self, head: &Head, _: &mut Vec<u8>) {
        self.head = Some(head.clone());
    }

    fn piece(&mut self, index: usize, chunk: Chunk, out: &mut Vec<u8>) {
        let choice = match chunk {
            Chunk::Text(text) => Choice { text, index, logprobs: None, finish_reason: None },
            Chunk::Chances(chances) => {
                let logprobs = Some(self.logprobs(index, &chances));
                Choice { text: String::new(), index, logprobs, finish_reason: None }
            }
            Chunk::Done(done) => {
                self.took.push((index, done.usage));
                let finish_reason = Some(finish_reason(done.finish));
                Choice { text: String::new(), index, logprobs: None, finish_reason }
            }
            // Told nobody, or comes only where it is asked for, which is not here.
            _ => return,
        };
        self.send(vec![choice], None, out);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if self.usage {
            self.send(Vec::new(), Some(self.all().into()), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn failure(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        told_failure(failure, out);
    }

    fn whole(mut self, head: &Head, answers: Vec<Gathered>) -> Result<Response, Rejected> {
        self.took = answers.iter().map(Gathered::usage).enumerate().collect();
        let choice = |(index, answer): (usize, &Gathered)| {
            let finish = answer.done.map_or(Finish::Stop, |done| done.finish);
            let rated = !answer.chances.is_empty();
            Choice {
                text: answer.text(),
                index,
                logprobs: rated.then(|| logprobs(&answer.chances, &mut 0)),
                finish_reason: Some(finish_reason(finish)),
            }
        };
        let choices = answers.iter().enumerate().map(choice).collect();
        Ok(health::json(&completion(head, choices, Some(self.all().into()))))
    }
}
