//! What `ask`, `route` and `run` share: from words on the command line to a request and back.
//!
//! Prints answers as they come; decides nothing.

use std::io::Read;

use anyhow::Context;
use futures_util::StreamExt;
use oratory_contract::{
    Asked, Chunk, Chunks, Done, Failure, Labels, Limits, Message, Role, Sampling, Wanted,
};
use oratory_pipeline::{Candidate, Decision};

use crate::cli::{Asking, Sampled};
use crate::out;

/// Returns the request the arguments describe.
pub(super) fn asked(asking: &Asking, sampled: Sampled) -> anyhow::Result<Asked> {
    let mut prompt = match asking.prompt.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("standard input is not text")?;
            text
        }
        prompt => prompt.to_owned(),
    };
    if let Some(file) = &asking.file {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("--file {} cannot be read as text", file.display()))?;
        prompt = format!("{prompt}\n\n{text}");
    }
    let messages = vec![Message::new(Role::User, prompt)];
    let mut asked = request(Wanted::parse(&asking.model), messages, sampled);
    asked.declared = asking.label.map(Labels::of);
    asked.purpose.clone_from(&asking.purpose);
    Ok(asked)
}

/// Returns a request from a person at this terminal.
pub(super) fn request(model: Wanted, messages: Vec<Message>, sampled: Sampled) -> Asked {
    Asked {
        sampling: Sampling {
            temperature: sampled.temperature,
            seed: sampled.seed,
            ..Sampling::default()
        },
        limits: Limits { max_tokens: sampled.max_tokens, ..Limits::default() },
        ..Asked::new("cli".into(), model, messages)
    }
}

/// Passes the answer on as it comes, and returns its text and end.
pub(super) async fn hear(
    mut chunks: Chunks,
    mut each: impl FnMut(&str),
) -> Result<(String, Option<Done>), Failure> {
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        match chunk? {
            Chunk::Text(more) => {
                each(&more);
                text.push_str(&more);
            }
            Chunk::Done(done) => return Ok((text, Some(done))),
            // What is asked for here is text; the rest is not shown.
            _ => {}
        }
    }
    Ok((text, None))
}

/// Tells how the request was decided.
pub(super) fn explain(decision: &Decision) {
    let row = |name: &str, text: &str| {
        out::note(format_args!("{} {text}", out::dim(format_args!("{name:>8}"))));
    };
    row("label", &decision.labels);
    for (at, (place, form)) in decision.places().enumerate() {
        row(if at == 0 { "permit" } else { "" }, &format!("{place} receives {form}"));
    }
    let tier = if decision.tier.is_empty() { "from the cache" } else { &decision.tier };
    let (place, model) = (&decision.place, &decision.model);
    row("choice", &format!("{place}/{model} ({tier}), {}", decision.receives));
    for (at, candidate) in decision.candidates.iter().enumerate() {
        let Candidate { place, model, .. } = candidate;
        let told = format!("{place}/{model} {}", candidate.line());
        row(if at == 0 { "expected" } else { "" }, &told);
    }
    row("because", &decision.reason);
    if decision.masked_spans > 0 {
        let (count, s) = (decision.masked_spans, if decision.masked_spans == 1 { "" } else { "s" });
        row("masked", &format!("{count} private span{s}, put back into the answer"));
    }
}
